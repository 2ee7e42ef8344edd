import { stopCluster } from "../cluster";
import { defaultStateDir } from "../paths";

export async function down(): Promise<number> {
  const stopped = await stopCluster(defaultStateDir);
  console.log(
    stopped > 0
      ? `Stopped ${stopped} processes. Its data stay: \`npm run local\` goes on with them.`
      : "Nothing was running.",
  );
  return 0;
}
