/** Requests of the smoke test: what was sent and what came back is kept for whoever reads of a failure. */
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { redact } from "../../components/text/redact";

/** What was sent and what came back. No key is in it. */
export interface Exchange {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly sent?: object | undefined;
  /** Undefined where nothing came back. */
  status?: number;
  received: string;
  seconds: number;
  /** `performance.now()` when it was begun. */
  readonly started: number;
}

/** Why a check fails, with the request that shows it. */
export class CheckFailed extends Error {
  override readonly name = "CheckFailed";
  constructor(
    message: string,
    readonly exchange?: Exchange,
    /** Text by which the symptom is looked up, where it is not in what came back. */
    readonly evidence?: string,
  ) {
    super(message);
  }
}

export interface Endpoint {
  /** Base URL without `/v1`. */
  readonly url: string;
  readonly key?: string | undefined;
  readonly timeoutSeconds: number;
}

/** A JSON answer and its exchange. */
export interface Answer<T> {
  readonly body: T;
  readonly exchange: Exchange;
}

/** A stream's events, in the order of their arrival. */
export interface Streamed {
  readonly events: readonly EventSourceMessage[];
  readonly exchange: Exchange;
  readonly secondsToFirstEvent: number;
}

export class Http {
  constructor(private readonly endpoint: Endpoint) {}

  /** The body of a 2xx answer; anything else fails the check. The caller judges the shape of the body. */
  async json<T>(path: string, sent?: object, headers: Record<string, string> = {}): Promise<Answer<T>> {
    const exchange = this.exchange(path, sent);
    const response = await this.send(exchange, headers);
    await this.collect(exchange, response);
    if (!response.ok) throw new CheckFailed(`answered ${response.status}`, exchange);
    return { body: parsed(exchange) as T, exchange };
  }

  /** The status of a request without the key. */
  async statusWithoutKey(path: string): Promise<Exchange> {
    const exchange = this.exchange(path, undefined);
    await this.collect(exchange, await this.send(exchange, { authorization: "" }));
    return exchange;
  }

  async stream(path: string, sent: object, headers: Record<string, string> = {}): Promise<Streamed> {
    const exchange = this.exchange(path, sent);
    const response = await this.send(exchange, { accept: "text/event-stream", ...headers });
    const events: EventSourceMessage[] = [];
    let secondsToFirstEvent = 0;
    const parser = createParser({
      onEvent: (event) => {
        if (events.length === 0) secondsToFirstEvent = (performance.now() - exchange.started) / 1000;
        events.push(event);
      },
    });
    await this.collect(exchange, response, (text) => parser.feed(text));
    if (!response.ok) throw new CheckFailed(`answered ${response.status}`, exchange);
    if (events.length === 0) throw new CheckFailed("answered with no event", exchange);
    return { events, exchange, secondsToFirstEvent };
  }

  private exchange(path: string, sent: object | undefined): Exchange {
    const url = `${this.endpoint.url}${path}`;
    return {
      method: sent === undefined ? "GET" : "POST",
      url,
      sent,
      received: "",
      seconds: 0,
      started: performance.now(),
    };
  }

  private async send(exchange: Exchange, headers: Record<string, string>): Promise<Response> {
    const { key, timeoutSeconds } = this.endpoint;
    const all = new Headers({
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(exchange.sent !== undefined && { "content-type": "application/json" }),
      ...headers,
    });
    if (all.get("authorization") === "") all.delete("authorization");
    try {
      return await fetch(exchange.url, {
        method: exchange.method,
        headers: all,
        ...(exchange.sent !== undefined && { body: JSON.stringify(exchange.sent) }),
        // A redirect would carry the key, or the prompt, to wherever it points.
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutSeconds * 1000),
      });
    } catch (error) {
      exchange.seconds = (performance.now() - exchange.started) / 1000;
      throw new CheckFailed(this.hidden(unreachable(error, timeoutSeconds)), exchange);
    }
  }

  private async collect(exchange: Exchange, response: Response, onText?: (text: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    const take = (text: string): void => {
      exchange.received += text;
      onText?.(text);
    };
    exchange.status = response.status;
    try {
      for await (const chunk of response.body ?? []) take(decoder.decode(chunk, { stream: true }));
      take(decoder.decode());
    } catch (error) {
      throw new CheckFailed(`the answer broke off: ${unreachable(error, this.endpoint.timeoutSeconds)}`, exchange);
    } finally {
      exchange.seconds = (performance.now() - exchange.started) / 1000;
      exchange.received = this.hidden(exchange.received);
    }
  }

  /** A server may repeat the key that it refuses. */
  private hidden(text: string): string {
    const { key } = this.endpoint;
    return redact(key ? text.replaceAll(key, "[api key]") : text);
  }
}

function parsed(exchange: Exchange): unknown {
  try {
    return JSON.parse(exchange.received);
  } catch {
    throw new CheckFailed("answered with something that is no JSON", exchange);
  }
}

/** Most messages of Node hold their code. */
function causeOf({ code, message }: Error & { code?: string }): string {
  return code === undefined || message.includes(code) ? message : [code, message].filter(Boolean).join(" ");
}

/** fetch hides the cause one level deeper. */
function unreachable(error: unknown, timeoutSeconds: number): string {
  if (error instanceof DOMException && error.name === "TimeoutError") return `no answer within ${timeoutSeconds} s`;
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause as (Error & { code?: string }) | undefined;
  return cause === undefined ? `cannot be reached: ${error.message}` : `cannot be reached: ${causeOf(cause)}`;
}
