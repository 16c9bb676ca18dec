import type { BackupSettings } from "../contract/BackupSettings";
import type { BackupsView } from "../contract/BackupsView";
import type { Call } from "../contract/Call";
import type { CertificateView } from "../contract/CertificateView";
import type { ExportedFile } from "../contract/ExportedFile";
import type { IdentityView } from "../contract/IdentityView";
import type { IntegrityArgs } from "../contract/IntegrityArgs";
import type { IntegrityReport } from "../contract/IntegrityReport";
import type { ListRepairsArgs } from "../contract/ListRepairsArgs";
import type { Nothing } from "../contract/Nothing";
import type { ReenrolArgs } from "../contract/ReenrolArgs";
import type { RepairRun } from "../contract/RepairRun";
import type { RepairsView } from "../contract/RepairsView";
import type { RestoreBackupArgs } from "../contract/RestoreBackupArgs";
import type { SalvageReport } from "../contract/SalvageReport";

/** Commands that the engine is about to have, as its contract will say them. */
export type PendingCommands = {
  repair: Call<Nothing, RepairRun>;
  list_repairs: Call<ListRepairsArgs, RepairsView>;
  export_repairs: Call<ListRepairsArgs, ExportedFile | null>;
  check_integrity: Call<IntegrityArgs, IntegrityReport>;
  last_integrity: Call<Nothing, IntegrityReport | null>;
  export_integrity: Call<Nothing, ExportedFile | null>;
  certify: Call<Nothing, CertificateView>;
  list_certificates: Call<Nothing, CertificateView[]>;
  identity: Call<Nothing, IdentityView>;
  reenrol: Call<ReenrolArgs, IdentityView>;
  backups: Call<Nothing, BackupsView>;
  set_backups: Call<BackupSettings, BackupsView>;
  choose_backup_folder: Call<Nothing, string | null>;
  choose_backup_file: Call<Nothing, string | null>;
  back_up: Call<Nothing, BackupsView>;
  restore_backup: Call<RestoreBackupArgs, Nothing>;
  salvage: Call<Nothing, SalvageReport>;
};
