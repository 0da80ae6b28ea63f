import { readConfig } from "@/lib/config";
import { DEFAULT_SETTINGS, type DiagnosisSettings } from "@/lib/diagnosis/settings";

let settings: DiagnosisSettings | null = null;

/** What this deployment set for diagnosis; the same that the scheduler looks with. */
export function diagnosisSettings(): DiagnosisSettings {
  settings ??= { ...DEFAULT_SETTINGS, settleMs: readConfig().settleMs };
  return settings;
}
