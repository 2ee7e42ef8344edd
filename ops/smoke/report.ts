import { quoted } from "../../components/text/shell";
import { styled } from "../terminal/print";
import type { Target } from "./check";
import type { Exchange } from "./http";
import type { CheckResult } from "./run";

const marks = {
  passed: styled("green", "✓"),
  failed: styled("red", "✗"),
  skipped: styled("dim", "-"),
} as const;

const width = 22;

/** One check in one line, and below it what helps. */
export function resultText({ name, outcome, seconds, note, what, advice, exchange, symptom }: CheckResult): string {
  const time = outcome === "skipped" ? "" : `${seconds.toFixed(1)} s`;
  const lines = [`${marks[outcome]} ${name.padEnd(width)} ${time.padStart(7)}  ${note}`];
  if (advice !== undefined) lines.push(`    ${styled("yellow", "advice")}   ${advice}`);
  if (outcome === "failed") {
    lines.push(`    checks   ${what}`);
    if (exchange) lines.push(...exchangeLines(exchange));
    if (symptom)
      lines.push(
        `    ${styled("yellow", "cause")}    ${symptom.title}`,
        `    ${styled("yellow", "remedy")}   ${symptom.remedy}`,
      );
  }
  return lines.join("\n");
}

/** What was sent, as a line that a shell takes with the key in $KEY, and what came back. */
function exchangeLines({ method, url, sent, status, received }: Exchange): string[] {
  const body =
    sent === undefined ? "" : ` -H "Content-Type: application/json" -d ${quoted(clipped(JSON.stringify(sent), 700))}`;
  const answer =
    status === undefined ? "nothing" : `${status} ${clipped(received.trim(), 1200) || "with an empty body"}`;
  return [
    `    sent     curl -X ${method} '${url}' -H "Authorization: Bearer $KEY"${body}`,
    `    received ${answer.replaceAll("\n", "\n             ")}`,
  ];
}

function clipped(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}… (${text.length} characters)` : text;
}

export function headingText({ url, kind, model }: Target): string {
  const who = kind === "gateway" ? "the gateway" : "vLLM";
  return styled("bold", `${who} at ${url}, asked for ${model}`);
}

export function summaryText(results: readonly CheckResult[]): string {
  const count = (outcome: CheckResult["outcome"]): number => results.filter((each) => each.outcome === outcome).length;
  const advised = results.filter(({ advice }) => advice !== undefined).length;
  const more = [count("skipped") > 0 ? `${count("skipped")} skipped` : "", advised > 0 ? `${advised} with advice` : ""];
  return [`${count("passed")} passed, ${count("failed")} failed`, ...more.filter(Boolean)].join(", ");
}

/** For machines; holds no key. */
export function reportJson({ url, kind, model, names, context }: Target, results: readonly CheckResult[]): object {
  const checks = results.map(({ exchange, ...result }) => {
    if (result.outcome !== "failed" || !exchange) return result;
    const { method, url: to, sent, status, received, seconds } = exchange;
    return { ...result, exchange: { method, url: to, sent, status, received, seconds } };
  });
  return {
    target: { url, kind, model, names, context },
    ok: !results.some(({ outcome }) => outcome === "failed"),
    checks,
  };
}
