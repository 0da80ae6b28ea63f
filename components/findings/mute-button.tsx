"use client";

import { useMutation } from "@tanstack/react-query";
import { Bell, BellOff } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button } from "@/components/ui/button";
import { muteFinding, unmuteFinding } from "@/lib/api/actions";
import type { FindingJson } from "@/lib/api/contract/findings";
import { useRenewFindings } from "./use-renew-findings";

/** Takes a finding that holds out of the lists, and brings it back. One that is over needs neither. */
export function MuteButton({ finding }: { finding: FindingJson }) {
  const t = useTranslations("findings.group");
  const renew = useRenewFindings();
  const isMuted = finding.state === "muted";
  const change = useMutation({
    mutationFn: () => (isMuted ? unmuteFinding(finding.id) : muteFinding(finding.id)),
    onSettled: renew,
  });
  if (!isMuted && finding.state !== "open") return null;
  const Icon = isMuted ? Bell : BellOff;
  return (
    <span className="inline-flex items-center gap-2">
      {change.error ? (
        <span role="alert" className="text-abandoned-ink text-small">
          {change.error.message}
        </span>
      ) : null}
      <Button look="quiet" title={t("muteMeans")} disabled={change.isPending} onClick={() => change.mutate()}>
        <Icon aria-hidden />
        {isMuted ? t("unmute") : t("mute")}
      </Button>
    </span>
  );
}
