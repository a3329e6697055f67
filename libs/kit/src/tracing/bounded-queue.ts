import { ExportResultCode } from '@opentelemetry/core';
import type { ExportResult } from '@opentelemetry/core';
import type { BatchSpanProcessor, ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { SpanOutcome } from './span-metrics.ts';

type Count = (outcome: SpanOutcome, spans: number) => void;

/** Says what became of the spans that were handed over. */
export class CountedExporter implements SpanExporter {
  private readonly exporter: SpanExporter;
  private readonly count: Count;
  private readonly tell: (isTaken: boolean) => void;
  private isTaken: boolean | undefined;
  /** Called with the number of spans that are off our hands. */
  onSettled: (spans: number) => void = () => undefined;

  /** `tell` hears when the collector begins or ceases to take spans. */
  constructor(exporter: SpanExporter, count: Count, tell: (isTaken: boolean) => void) {
    this.exporter = exporter;
    this.count = count;
    this.tell = tell;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.exporter.export(spans, (result) => {
      const isTaken = result.code === ExportResultCode.SUCCESS;
      this.count(isTaken ? 'exported' : 'failed', spans.length);
      if (isTaken !== this.isTaken) this.tell(isTaken);
      this.isTaken = isTaken;
      this.onSettled(spans.length);
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }
}

/** Bounds what waits for the collector, including what is on its way to it, and counts what finds no room. The processor behind it has the same bound. */
export class BoundedQueue implements SpanProcessor {
  private readonly batches: BatchSpanProcessor;
  private readonly spansMax: number;
  private readonly count: Count;
  private spans = 0;

  constructor(batches: BatchSpanProcessor, exporter: CountedExporter, { spansMax, count }: { spansMax: number; count: Count }) {
    this.batches = batches;
    this.spansMax = spansMax;
    this.count = count;
    exporter.onSettled = (settled) => (this.spans -= settled);
  }

  onStart(): void {
    // Only ended spans count.
  }

  onEnd(span: ReadableSpan): void {
    if (this.spans >= this.spansMax) return this.count('dropped', 1);
    this.spans += 1;
    this.batches.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.batches.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.batches.shutdown();
  }
}
