// Which room may use which (docs/data/rooms.yaml), and no circles: https://github.com/sverweij/dependency-cruiser/blob/main/doc/rules-reference.md
const { readFileSync } = require("node:fs");
const path = require("node:path");
const { parse } = require("yaml");

const rooms = parse(readFileSync(path.join(__dirname, "docs/data/rooms.yaml"), "utf8"));
const names = rooms.map(({ room }) => room);
const escaped = (text) => text.replaceAll(".", "\\.");
// A room that is a folder has the files right in it; its sub-folders are its own unless they are rooms themselves.
const inner = (name) =>
  names.filter((other) => other.startsWith(`${name}/`)).map((other) => escaped(other.slice(name.length + 1)));
const place = (name) => {
  if (/\.[a-z]+$/.test(name)) return `^${escaped(name)}$`;
  return inner(name).length > 0 ? `^${name}/(?!(?:${inner(name).join("|")})(?:/|$))` : `^${name}/`;
};

for (const [index, { room, uses }] of rooms.entries())
  for (const used of uses)
    if (names.indexOf(used) <= index)
      throw new Error(`docs/data/rooms.yaml: '${room}' uses '${used}', which must stand below it`);

module.exports = {
  forbidden: [
    { name: "no-circle", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-room",
      comment: "each file stands in a room of docs/data/rooms.yaml",
      severity: "error",
      from: { pathNot: [...names.map(place), "^tests/", "^[^/]+\\.[cm]js$"] },
      to: {},
    },
    { name: "nobody-uses-tests", severity: "error", from: { pathNot: "^tests/" }, to: { path: "^tests/" } },
    {
      name: "scanners-keep-home",
      comment: "tests/mocks takes HOME away, under which the scanners are kept between runs",
      severity: "error",
      from: { path: "^tests/scan/" },
      to: { path: "^tests/mocks/", reachable: true },
    },
    ...rooms.map(({ room, uses }) => ({
      name: `${room}-uses`,
      comment: `docs/data/rooms.yaml lets ${room} use ${uses.join(", ") || "nothing"}`,
      severity: "error",
      from: { path: place(room) },
      to: { path: names.map(place), pathNot: [room, ...uses].map(place) },
    })),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.check.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: ["node_modules", "^policies/bin/", "^\\.local/"] },
  },
};
