import { defaultStateDir } from "../paths";
import { print } from "../../shared/terminal";
import { stopAll } from "../real";
import { exclusive } from "./exclusive";

export async function down(): Promise<number> {
  const stopped = await exclusive(() => stopAll(defaultStateDir));
  print(
    stopped > 0
      ? `Stopped ${stopped} processes. Its data stay: \`npm run local\` goes on with them.`
      : "Nothing was running.",
  );
  return 0;
}
