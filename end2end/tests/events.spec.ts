import { test } from './driven';
import { archive, connection, expect, live, nobody, open, rows, staying, type Page } from './fixtures';

/** Asked for by the page's script since this was called; what an event carries needs none of it. How far tasks at work are is in no event, and asked for each second. */
function asked(page: Page): string[] {
  const paths: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/') && !pathname.endsWith('/workflows')) paths.push(pathname);
  });
  return paths;
}

const fact = (page: Page, name: string) => page.locator('main dl > div').filter({ has: page.getByRole('term').getByText(name, { exact: true }) }).getByRole('definition');
const row = (page: Page, name: string) => rows(page).filter({ has: page.getByRole('rowheader', { name, exact: true }) });
const workflow = (page: Page, title: string) => page.getByRole('region', { name: 'Workflows' }).locator('li.workflow').filter({ has: page.getByRole('heading', { level: 3, name: title }) });
const task = (page: Page, name: string) => page.locator('li.task').filter({ has: page.getByRole('heading', { level: 4, name }) });
const history = (page: Page) => page.getByRole('region', { name: 'History' }).getByRole('listitem');

test('storage_ping: an idle page says again and again that it is up to date', async ({ page }) => {
  await open(page, '/storage/aips');
  await page.locator('.connection__summary').click();
  const updated = page.locator('.connection__details div').filter({ hasText: 'Last update' }).getByRole('definition');
  await expect(updated).toHaveText(/^\d\d:\d\d:\d\d$/);
  const before = await updated.innerText();
  await expect(updated).not.toHaveText(before, { timeout: 20_000 });
  await expect(connection(page)).toHaveText('Live');
  const events = page.locator('.connection__details div').filter({ hasText: 'Events applied' }).getByRole('definition');
  await expect(events, 'a ping is no change').toHaveText('0');
});

test('location_created: the list of locations, the overview and the choice for deposits', async ({ page, context, driven }) => {
  const overview = await context.newPage();
  const deposit = await context.newPage();
  await open(page, '/storage/locations');
  await open(overview, '/');
  await open(deposit, '/storage/deposit');
  const stayed = await staying(page);
  const body = { name: 'North wing', source: 'filesystem', purpose: 'aip_store', config: { type: 'filesystem', value: { path: 'north' } } };
  await driven.call('create_location', { body });
  await expect(row(page, 'North wing')).toBeVisible();
  await expect(overview.getByRole('region', { name: 'Locations' }).getByRole('link', { name: 'North wing' })).toBeVisible();
  await expect(overview.getByRole('region', { name: 'Recent activity' }).getByText('Location North wing was created')).toBeVisible();
  await expect(deposit.getByLabel('Keep in').getByRole('option', { name: 'North wing' })).toBeAttached();
  await stayed();
});

test('location_updated: its new name stands wherever it is named', async ({ page, context, driven }) => {
  const api = archive(driven.url);
  const uuid = await api.location('North wing', 'north');
  const aip = await api.announce('Minutes 1987', { location_uuid: uuid });
  const list = await context.newPage();
  const one = await context.newPage();
  await open(page, `/storage/locations/${uuid}`);
  await open(list, '/storage/aips');
  await open(one, `/storage/aips/${aip.uuid}`);
  await driven.call('update_location', { uuid, body: { name: 'West wing', description: 'Second floor' } });
  await expect(page.getByRole('heading', { level: 1, name: 'West wing' })).toBeVisible();
  await expect(page).toHaveTitle('West wing · Strongroom');
  await expect(page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'West wing' })).toBeVisible();
  await expect(fact(page, 'Description')).toHaveText('Second floor');
  await expect(row(list, 'Minutes 1987')).toContainText('West wing');
  await expect(fact(one, 'Location')).toHaveText('West wing');
});

test('location_deleted: it goes from the list, and its own page says so', async ({ page, context, driven, allowConsole }) => {
  // The page asks for it once more, and the browser tells that it is gone.
  allowConsole(/status of 404/);
  const uuid = await archive(driven.url).location('North wing', 'north');
  const one = await context.newPage();
  await open(page, '/storage/locations');
  await open(one, `/storage/locations/${uuid}`);
  await expect(rows(page)).toHaveCount(2);
  await driven.call('delete_location', { uuid });
  await expect(rows(page)).toHaveCount(1);
  await expect(row(page, 'North wing')).toBeHidden();
  await expect(one.getByText(/was removed|Not found/).first()).toBeVisible();
});

test('aip_created: the list, its counts and the overview', async ({ page, context, driven }) => {
  const overview = await context.newPage();
  await open(page, '/storage/aips');
  await open(overview, '/');
  const body = { uuid: nobody, object_key: nobody, name: 'Minutes 1987', status: 'queued' };
  await driven.call('create_aip', { body });
  await expect(row(page, 'Minutes 1987')).toContainText('queued');
  await expect(page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name: 'Queued 1' })).toBeVisible();
  await expect(overview.getByRole('link', { name: '1 queued' })).toBeVisible();
  await expect(overview.getByRole('region', { name: 'Recent activity' }).getByText('Minutes 1987 was recorded, queued')).toBeVisible();
});

test.describe('of an AIP', () => {
  test('aip_status_updated: the page and the row change in place, the row without being asked for', async ({ page, context, driven }) => {
    const { uuid } = await archive(driven.url).announce('Minutes 1987');
    const list = await context.newPage();
    await open(page, `/storage/aips/${uuid}`);
    await open(list, '/storage/aips');
    const requests = asked(page);
    await driven.call('set_aip_status', { uuid, status: 'pending' });
    await expect(fact(page, 'Status')).toHaveText('pending');
    await expect(page.getByText("This AIP awaits a person's decision.")).toBeVisible();
    await expect(row(list, 'Minutes 1987')).toContainText('pending');
    await expect(list.getByRole('navigation', { name: 'Status' }).getByRole('link', { name: 'Pending 1' })).toBeVisible();
    await expect(history(page).first()).toContainText('It awaits a decision');
    expect(requests, 'the event carries all that the page needs').toEqual([]);
  });

  test('aip_location_updated: the new location is named', async ({ page, context, driven }) => {
    const api = archive(driven.url);
    const { uuid } = await api.announce('Minutes 1987');
    const location_uuid = await api.location('North wing', 'north');
    const [list, locations] = [await context.newPage(), await context.newPage()];
    await open(page, `/storage/aips/${uuid}`);
    await open(list, '/storage/aips');
    await open(locations, '/storage/locations');
    await driven.call('set_aip_location', { uuid, location_uuid });
    await expect(fact(page, 'Location')).toHaveText('North wing');
    await expect(row(list, 'Minutes 1987')).toContainText('North wing');
    await expect(row(locations, 'North wing').getByRole('cell').nth(2)).toHaveText('1');
    await expect(history(page).first()).toContainText('It is kept in North wing now');
  });

  test('aip_updated: its record changes', async ({ page, driven }) => {
    const { uuid } = await archive(driven.url).announce('Minutes 1987');
    await open(page, `/storage/aips/${uuid}`);
    await driven.call('set_deletion_report', { uuid, key: 'reports/1.pdf' });
    await expect(history(page).first()).toContainText('Its record was changed');
  });

  test('aip_workflow_created: work that begins appears on its page and in the overview', async ({ page, context, driven }) => {
    const { uuid } = await archive(driven.url).announce('Minutes 1987');
    const overview = await context.newPage();
    await open(page, `/storage/aips/${uuid}`);
    await open(overview, '/');
    await expect(page.getByText('Nothing was done to this AIP yet')).toBeVisible();
    const requests = asked(page);
    await driven.call('start_workflow', { aip_uuid: uuid, kind: 'move aip' });
    await expect(workflow(page, 'Move to another location')).toContainText('in progress');
    await expect(workflow(page, 'Move to another location')).toContainText('0 tasks, at work');
    await expect(page.getByText('Nothing was done to this AIP yet')).toBeHidden();
    await expect(history(page).first()).toContainText('Move began');
    await expect(overview.getByRole('region', { name: 'In progress' }).getByText('Move of Minutes 1987')).toBeVisible();
    expect(requests, 'the event carries all that the page needs').toEqual([]);
  });

  test('aip_workflow_updated: how it ended, and that it failed', async ({ page, context, driven }) => {
    const { uuid } = await archive(driven.url).announce('Minutes 1987');
    const begun = await driven.call<{ uuid: string }>('start_workflow', { aip_uuid: uuid, kind: 'move aip' });
    const overview = await context.newPage();
    await open(page, `/storage/aips/${uuid}`);
    await open(overview, '/');
    const requests = asked(page);
    await driven.call('finish_workflow', { uuid: begun.uuid, status: 'error' });
    const move = workflow(page, 'Move to another location');
    await expect(move.locator('.workflow__head')).toContainText('error');
    await expect(move.locator('.workflow__head')).toContainText('took ');
    await expect(move).not.toContainText('at work');
    await expect(history(page).first()).toContainText('Move failed');
    await expect(overview.getByRole('region', { name: 'In progress' }).getByText('Nothing is being done at the moment.')).toBeVisible();
    await expect(overview.getByRole('region', { name: 'Failed in the last seven days' }).getByText('Move of Minutes 1987')).toBeVisible();
    expect(requests, 'the event carries all that the page needs').toEqual([]);
  });

  test('aip_task_created: each step appears as it is begun, numbered', async ({ page, driven }) => {
    const { uuid } = await archive(driven.url).announce('Minutes 1987');
    await open(page, `/storage/aips/${uuid}`);
    const stayed = await staying(page);
    const requests = asked(page);
    const begun = await driven.call<{ uuid: string }>('start_workflow', { aip_uuid: uuid, kind: 'move aip' });
    for (const name of ['Copy AIP', 'Delete source copy']) await driven.call('start_task', { workflow_uuid: begun.uuid, name, note: `${name} to North wing` });
    await expect(task(page, 'Copy AIP')).toContainText('in progress');
    await expect(task(page, 'Copy AIP')).toContainText('Copy AIP to North wing');
    await expect(page.locator('li.task .task__number')).toHaveText(['1', '2']);
    await expect(workflow(page, 'Move to another location')).toContainText('2 tasks, at work');
    await expect(history(page).first()).toContainText('Step “Delete source copy” began');
    expect(requests, 'the events carry all that the page needs').toEqual([]);
    await stayed();
    await page.reload();
    await live(page);
    await expect(page.locator('li.task h4'), 'and a reload says the same').toHaveText(['Copy AIP', 'Delete source copy']);
  });

  test('aip_task_updated: how a step ended, in its own words', async ({ page, driven }) => {
    const { uuid } = await archive(driven.url).announce('Minutes 1987');
    const begun = await driven.call<{ uuid: string }>('start_workflow', { aip_uuid: uuid, kind: 'move aip' });
    const begin = (name: string) => driven.call<{ uuid: string }>('start_task', { workflow_uuid: begun.uuid, name, note: 'At it' });
    const [copy, remove] = [await begin('Copy AIP'), await begin('Delete source copy')];
    await open(page, `/storage/aips/${uuid}`);
    const requests = asked(page);
    await driven.call('finish_task', { uuid: copy.uuid, status: 'done', note: 'Copied 5 files' });
    await driven.call('finish_task', { uuid: remove.uuid, status: 'error', note: 'The disk is read-only. Nothing was removed.' });
    await expect(task(page, 'Copy AIP')).toContainText('done');
    await expect(task(page, 'Copy AIP')).toContainText('Copied 5 files');
    await expect(task(page, 'Copy AIP')).toContainText('took ');
    await expect(task(page, 'Delete source copy')).toContainText('error');
    await expect(task(page, 'Delete source copy')).toContainText('Nothing was removed.');
    await expect(history(page).first()).toContainText('Step “Delete source copy” failed');
    expect(requests, 'the events carry all that the page needs').toEqual([]);
  });
});

test('what happened to others is not shown here', async ({ page, driven }) => {
  const api = archive(driven.url);
  const [mine, other] = [await api.announce('Minutes 1987'), await api.announce('Minutes 1988')];
  await open(page, `/storage/aips/${mine.uuid}`);
  await expect(history(page)).toHaveCount(1);
  await driven.call('set_aip_status', { uuid: other.uuid, status: 'pending' });
  const begun = await driven.call<{ uuid: string }>('start_workflow', { aip_uuid: other.uuid, kind: 'move aip' });
  await driven.call('start_task', { workflow_uuid: begun.uuid, name: 'Copy AIP', note: '' });
  await driven.call('set_aip_status', { uuid: mine.uuid, status: 'processing' });
  await expect(fact(page, 'Status')).toHaveText('processing');
  await expect(history(page)).toHaveCount(2);
  await expect(page.locator('li.workflow')).toHaveCount(0);
});

test('a burst of changes ends in the last state', async ({ page, driven }) => {
  const made = await archive(driven.url).fill(20);
  await open(page, '/storage/aips?sort=name');
  const words = ['pending', 'processing', 'queued', 'stored'];
  const calls = Array.from({ length: 400 }, (_, at) => driven.call('set_aip_status', { uuid: made[at % 20].uuid, status: words[at % 4] }));
  await Promise.all(calls);
  const expected = made.map((_, at) => words[(380 + at) % 4]);
  await expect(rows(page).locator('.cell--status .badge__word')).toHaveText(expected);
  await expect(page.getByRole('navigation', { name: 'Status' }).getByRole('link')).toHaveText(['All 20', 'Stored 5', 'Pending 5', 'Processing 5', 'Queued 5', 'Deleted 0', 'Unspecified 0']);
});
