import AxeBuilder from '@axe-core/playwright';
import type { Page } from './fixtures';

/** Those that axe looks at. */
const sizes = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
];

/** How wide a window is otherwise. */
export const full = sizes[0];

/** What axe finds, one line per kind and place: everything in the light at full width and in the dark on a telephone, contrast also the other way round. */
export async function findings(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const size of sizes) {
      await page.setViewportSize(size);
      const everything = (colorScheme === 'light') === (size === sizes[0]);
      // "Legacy" is without frames, of which there are none; otherwise axe opens another page for each look.
      const axe = new AxeBuilder({ page }).setLegacyMode();
      const { violations } = await (everything ? axe : axe.withRules(['color-contrast', 'link-in-text-block', 'target-size'])).analyze();
      for (const { id, help, nodes } of violations)
        found.push(`${colorScheme}, ${size.width}: ${id}: ${help} (${nodes.map((node) => `${node.target.join(' ')}: ${node.any[0]?.message ?? ''}`).join('; ')})`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (overflow > 0) found.push(`${colorScheme}, ${size.width}: the page is ${overflow} pixels wider than the window`);
    }
  }
  return found;
}
