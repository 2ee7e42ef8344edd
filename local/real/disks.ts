/** The node's disks: for each PersistentVolume a file with a file system of just its size, mounted in the cell. */
import { existsSync, readFileSync } from "node:fs";
import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { inCell } from "./cell";
import type { NodeLayout } from "./layout";

/** What a quantity such as "30Gi" is in bytes. */
export function bytesOf(quantity: string): number {
  const [, number, suffix = ""] = /^(\d+(?:\.\d+)?)([KMGTP]i?|k)?$/.exec(quantity) ?? [];
  if (number === undefined) throw new Error(`'storage' (${quantity}) must be a quantity such as 30Gi`);
  const step = suffix.endsWith("i") ? 1024 : 1000;
  const power = suffix === "" ? 0 : "KMGTP".indexOf(suffix.charAt(0).toUpperCase()) + 1;
  return Math.ceil(Number(number) * step ** power);
}

export class Disks {
  constructor(
    private readonly layout: NodeLayout,
    private readonly cell: () => number | undefined,
  ) {}

  /** Where the cell has the volume: on a file system that ends with it, so that no pod finds an empty folder in place of its disk. */
  path(name: string): string {
    return join("/run/volumes", name);
  }

  /** Mounts every disk: a kubelet that starts again has pods that wait for theirs. */
  async mountAll(): Promise<void> {
    for (const name of await this.names()) await this.mount(name);
  }

  private image(name: string): string {
    return join(this.layout.volumes, `${name}.img`);
  }

  /** Makes the disk where it is missing, and mounts it where it is not mounted. */
  async ensure(name: string, size: string): Promise<void> {
    const image = this.image(name);
    if (!existsSync(image)) {
      const partial = `${image}.partial`;
      await truncate(partial, bytesOf(size));
      // No room kept for root, who fills a volume as others do; the tables of a large volume are written when they are needed.
      await this.run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,nodiscard", partial);
      await this.run("mv", partial, image);
    }
    await this.mount(name);
  }

  private async mount(name: string): Promise<void> {
    if (this.mounted(name)) return;
    const image = this.image(name);
    // What could not grow in use, and what a loss of power has left: 1 says that something was mended.
    await this.run("sh", "-c", 'e2fsck -pf "$0" || [ $? = 1 ]', image);
    await this.run("resize2fs", image);
    await this.run("mkdir", "-p", this.path(name));
    await this.run("mount", "-o", "loop", image, this.path(name));
    await this.run("rm", "-rf", join(this.path(name), "lost+found"));
  }

  /**
   * Grows a mounted disk, while it is in use. The kernel lets only CAP_SYS_RESOURCE do so, which the root of a container may lack: there the disk
   * has its size after the next start of the node. https://github.com/torvalds/linux/blob/v6.12/fs/ext4/resize.c (ext4_resize_begin)
   */
  async grow(name: string, size: string): Promise<void> {
    await truncate(this.image(name), bytesOf(size));
    const device = (await this.run("findmnt", "--noheadings", "--output", "SOURCE", this.path(name))).trim();
    await this.run("losetup", "--set-capacity", device);
    await this.run("resize2fs", device);
  }

  async remove(name: string): Promise<void> {
    if (this.mounted(name)) await this.run("umount", this.path(name));
    await this.run("rm", "-rf", this.path(name));
    await rm(this.image(name), { force: true });
  }

  private async names(): Promise<string[]> {
    const files = await readdir(this.layout.volumes);
    return files.flatMap((file) => /^(.+)\.img$/.exec(file)?.[1] ?? []);
  }

  private mounted(name: string): boolean {
    const cell = this.cell();
    if (cell === undefined) throw new Error("the node does not run");
    return readFileSync(`/proc/${cell}/mountinfo`, "utf8").includes(` ${this.path(name)} `);
  }

  private async run(...command: string[]): Promise<string> {
    const cell = this.cell();
    if (cell === undefined) throw new Error("the node does not run");
    const [file, ...args] = inCell(cell, command) as [string, ...string[]];
    return (await execa(file, args)).stdout;
  }
}

async function truncate(file: string, size: number): Promise<void> {
  const handle = await open(file, "a");
  try {
    await handle.truncate(size);
  } finally {
    await handle.close();
  }
}
