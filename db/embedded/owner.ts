import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { StartError } from "@/lib/errors";

/** The account that PostgreSQL runs as. */
export interface Owner {
  uid: number;
  gid: number;
  name: string;
}

const NOBODY = 65_534;

/**
 * PostgreSQL refuses to run as root, so for root this picks another account: the one that already owns the database directory, else
 * nobody, else the first unprivileged account there is. Null means our own account.
 * It must exist in /etc/passwd: PostgreSQL looks its name up (reliability-security.md §1.4).
 * @throws StartError when root has no other account to give.
 */
export function pickOwner(clusterDir: string, accounts: Owner[] = readAccounts()): Owner | null {
  if (process.getuid?.() !== 0) return null;
  const uid = ownerUid(clusterDir);
  if (uid !== null && uid !== 0) {
    const owner = accounts.find((account) => account.uid === uid);
    if (owner) return owner;
    throw new StartError(
      `${clusterDir} belongs to user ${uid}, which does not exist on this machine: give it to one that does (chown -R).`,
    );
  }
  const unprivileged = accounts.filter((account) => account.uid > 0);
  const picked = unprivileged.find((account) => account.uid === NOBODY) ?? unprivileged[0];
  if (!picked) throw new StartError("PostgreSQL does not run as root and /etc/passwd names no other user: add one, or set DATABASE_URL.");
  return picked;
}

/**
 * Whether `owner` may enter `path` and every directory above it (null: we ourselves, who just made it).
 * Reads permission bits only; an access list may still say otherwise, so what is started is also tried.
 */
export function canReach(path: string, owner: Owner | null): boolean {
  if (owner === null) return true;
  for (let at = realpathSync(path); ; at = dirname(at)) {
    const { mode, uid, gid } = statSync(at);
    const execute = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
    if ((mode & execute) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

function readAccounts(): Owner[] {
  let text: string;
  try {
    text = readFileSync("/etc/passwd", "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    const [name = "", , uid, gid] = line.split(":");
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

function ownerUid(path: string): number | null {
  try {
    return statSync(path).uid;
  } catch {
    return null;
  }
}
