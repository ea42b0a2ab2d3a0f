// Reads a counter and writes it back one higher, each time in a transaction of its own.
import { sqlite } from "@spine/adapters-sqlite";
import { orThrow, silentLogger, systemClock } from "@spine/core";

const [path = "", times = "0"] = process.argv.slice(2);
const store = await orThrow(sqlite(path).open({ clock: systemClock, logger: silentLogger, contributions: () => [] }));
for (let round = 0; round < Number(times); round += 1) {
  await orThrow(
    store.transaction(async (tx) => {
      const { rows } = await orThrow(tx.execute<{ value: number }>("select value from counter"));
      await orThrow(tx.execute("update counter set value = ?", [(rows[0]?.value ?? 0) + 1]));
    }),
  );
}
await orThrow(store.close());
