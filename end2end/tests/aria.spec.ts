import { archive, expect, open, test } from './fixtures';

// What the pages are to those who do not see them. Names, roles and order; what differs from run to run is left out.

test.use({ serverArgs: ['--demo'] });

test('the frame', async ({ page }) => {
  await open(page, '/storage/aips');
  await expect(page.locator('body')).toMatchAriaSnapshot(`
    - link "Skip to the content"
    - banner:
      - link "Strongroom"
      - navigation "Breadcrumb":
        - list:
          - listitem:
            - link "AIPs"
      - search:
        - searchbox "Search AIPs by name, UUID or object key"
      - group: /Live \\d+:\\d+:\\d+/
      - combobox "Theme":
        - option "System theme" [selected]
        - option "Light theme"
        - option "Dark theme"
      - link "About"
    - button "Menu" [expanded]
    - navigation "Main":
      - list:
        - listitem:
          - link "Overview"
      - list "Storage":
        - listitem:
          - link "AIPs"
        - listitem:
          - link "Locations"
        - listitem:
          - link "Deposit"
      - list "Service":
        - listitem:
          - link "Activity"
        - listitem:
          - link "Tasks"
        - listitem:
          - link "System"
        - listitem:
          - link "About"
    - complementary "Sign-in": "No sign-in: this service answers on this machine only"
    - main:
      - heading "AIPs" [level=1]
    - status
    - status
  `);
});

test('the overview', async ({ page }) => {
  await open(page, '/');
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - main:
      - heading "Overview" [level=1]
      - region "AIPs by status":
        - list:
          - listitem:
            - link /5 AIPs, [\\d.]+ kB kept/
          - listitem:
            - link "5 stored"
          - listitem:
            - link "0 pending"
      - region "In progress":
        - heading "In progress" [level=2]
        - paragraph: Nothing is being done at the moment.
      - region "Recent activity":
        - heading "Recent activity" [level=2]
        - list:
          - listitem:
            - text: Deposit of
            - link "accession-2024-031-unprocessed"
            - text: is done
            - time: /\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC/
      - region "Locations":
        - heading "Locations" [level=2]
        - table:
          - rowgroup:
            - row "Name AIPs Size"
          - rowgroup:
            - row /Main store 3 [\\d.]+ kB/:
              - rowheader "Main store":
                - link "Main store"
            - row /Second store 2 [\\d.]+ kB/
      - region "Service":
        - heading "Service" [level=2]
        - list:
          - listitem:
            - text: well
            - strong: Database
            - text: answers
  `);
});

test('the list of AIPs', async ({ page }) => {
  await open(page, '/storage/aips?sort=name');
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - main:
      - heading "AIPs" [level=1]
      - link "Deposit"
      - search "Filter the AIPs":
        - searchbox "Name, UUID or object key"
        - combobox "Location":
          - option "All locations" [selected]
          - option "Main store"
          - option "Second store"
        - combobox "Deposited":
          - option "At any time" [selected]
        - group: Custom range
        - button "Apply"
        - link "Clear"
      - navigation "Status":
        - list:
          - listitem:
            - link "All 5"
          - listitem:
            - link "Stored 5"
      - paragraph: Showing all 5 AIPs
      - link "Export as CSV"
      - table "AIPs":
        - caption: AIPs
        - rowgroup:
          - row:
            - columnheader "Name":
              - link "Name"
            - columnheader "Status"
            - columnheader "Location"
            - columnheader "Size"
            - columnheader "Deposited"
        - rowgroup:
          - row /accession-2024-031-unprocessed stored Main store [\\d.]+ kB \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC/:
            - rowheader "accession-2024-031-unprocessed":
              - link "accession-2024-031-unprocessed"
            - cell "stored"
            - cell "Main store":
              - link "Main store"
      - navigation "Pages":
        - text: First Previous Page 1 of 1 Next Last Rows per page
        - list "Rows per page":
          - listitem:
            - link "20"
          - listitem:
            - link "50"
          - listitem:
            - link "100"
      - group: What the statuses mean
  `);
});

test('an AIP', async ({ page, server }) => {
  const { items } = await archive(server.url).aips('?query=fonds-12');
  await open(page, `/storage/aips/${items[0].uuid}`);
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - main:
      - heading "fonds-12-photographs-1931" [level=1]
      - term: Status
      - definition: stored
      - term: Location
      - definition:
        - link "Main store"
      - term: Deposited
      - definition:
        - time: /UTC/
      - term: Format
      - definition: 7z
      - term: UUID
      - definition:
        - code: /[0-9a-f-]{36}/
        - button "Copy UUID"
      - term: Object key
      - definition:
        - code: /[0-9a-f-]{36}/
        - button "Copy object key"
      - term: SHA-256
      - definition:
        - code: /[0-9a-f]{64}/
        - button "Copy SHA-256"
      - term: SHA-512
      - region "Actions":
        - link "Download"
        - button "Move…"
        - button "Check fixity"
        - button "Request deletion…" [disabled]
        - paragraph: Its deletion needs sign-in, so that a second person can agree; this service runs without.
      - region "Verification":
        - heading "Verification" [level=2]
        - paragraph: "Valid bag This is a complete and valid bag: every byte was read and is as it was packed."
        - term: Payload
        - definition: /6 files, [\\d.]+ kB/
        - group: What the bag says of itself (bag-info)
      - region "Fixity":
        - heading "Fixity" [level=2]
        - status:
          - paragraph: It was not checked since it was taken in.
      - region "Workflows":
        - heading "Workflows" [level=2]
        - list:
          - listitem:
            - heading "Deposit" [level=3]
            - group: 3 tasks
      - region "History":
        - heading "History" [level=2]
        - list:
          - listitem:
            - time: /UTC/
            - text: Deposit is done
  `);
});

test('locations, one of them, and the form for another', async ({ page, server }) => {
  await open(page, '/storage/locations');
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - main:
      - heading "Locations" [level=1]
      - link "New location"
      - table "Locations":
        - caption: Locations
        - rowgroup:
          - row "Name Source Purpose AIPs Size Last change"
        - rowgroup:
          - row /Main store Folder of the server AIP store 3 [\\d.]+ kB/:
            - rowheader "Main store":
              - link "Main store"
            - cell "Folder of the server"
            - cell "AIP store"
            - cell "3":
              - link "3"
          - row /Second store/
  `);
  const [, second] = await archive(server.url).locations();
  await open(page, `/storage/locations/${second.uuid}`);
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - main:
      - heading "Second store" [level=1]
      - link "Edit"
      - navigation "Location":
        - list:
          - listitem:
            - link "Summary"
          - listitem:
            - link "AIPs 2"
      - term: Description
      - definition: A second place, as an archive should have.
      - term: Keeps
      - definition: /2 AIPs, [\\d.]+ kB/
      - region "Fixity":
        - heading "Fixity" [level=2]
        - button "Check fixity of all…"
      - region "Delete":
        - heading "Delete" [level=2]
        - paragraph: A location can be deleted while it keeps nothing. This one keeps 2 AIPs.
  `);
  await open(page, '/storage/locations/new');
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - main:
      - heading "New location" [level=1]
      - textbox "Name"
      - paragraph: How people will know it. Every location has a name of its own.
      - textbox "Description"
      - textbox "Folder"
      - button "Create location"
      - link "Cancel"
  `);
});

test('deposit', async ({ page }) => {
  await open(page, '/storage/deposit');
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - main:
      - heading "Deposit" [level=1]
      - combobox "Keep in":
        - option "Main store" [selected]
        - option "Second store"
      - button "Choose files"
      - button "Choose a folder"
      - alert
  `);
});
