import type { FullConfig, Reporter, TestCase, TestResult } from '@playwright/test/reporter';

/** Says why a test was left out, which the list does not: `SKIP <test>: <reason>`. */
export default class Skips implements Reporter {
  onBegin(_config: FullConfig): void {}

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status !== 'skipped') return;
    const reason = test.annotations.find((a) => a.type === 'skip' || a.type === 'fixme')?.description ?? 'no reason given';
    console.log(`SKIP ${test.titlePath().filter(Boolean).join(' › ')}: ${reason}`);
  }

  printsToStdio(): boolean {
    return false;
  }
}
