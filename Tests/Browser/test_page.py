"""The page as a person meets it."""

import os
import unittest

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from browser import Browser
from daemon import Daemon, eventually

HEADER = "Song,Date,Number of Plays\n"
EVIL = '<img src=x onerror="document.title=1">'


class PageTest(unittest.TestCase):
    # Complaints that a test brings about on purpose.
    allowed_errors = ()

    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)
        self.browser = Browser()
        self.addCleanup(self.browser.close)
        self.browser.open(self.daemon.url)
        self.browser.see("#link", "Live")

    def tearDown(self):
        self.browser.gather()
        strangers = {url for url in self.browser.requests if not url.startswith((self.daemon.url, "data:", "chrome:", "about:"))}
        self.assertEqual(strangers, set(), "the page asked another host")
        errors = [error for error in self.browser.errors if not any(part in error for part in self.allowed_errors)]
        self.assertEqual(errors, [])

    def assert_accessible(self):
        for scheme in ("light", "dark"):
            self.browser.scheme(scheme)
            self.assertEqual(self.browser.violations(), [], scheme)
        self.browser.scheme("light")

    def send(self, *paths):
        self.browser.one("#choose").send_keys("\n".join(paths))


class UploadTest(PageTest):
    allowed_errors = ("415",)

    def test_files_are_sent_with_their_progress_and_become_tasks(self):
        browser, daemon = self.browser, self.daemon
        browser.see("#empty", "Nothing yet")
        browser.shoot("empty")
        large = daemon.generate("large.csv", 40_000, "zipf")
        size = os.path.getsize(large)
        browser.slow(size // 4)
        self.send(large, daemon.file("small.csv", HEADER + "A,2024-01-01,1\n"), daemon.file("notes.txt", "x"))
        seen = eventually(
            "the upload is on its way",
            lambda: browser.js("return Number(document.querySelector('.upload.sending .progress')?.getAttribute('aria-valuenow') ?? 0)"),
        )
        self.assertGreater(seen, 0)
        browser.see(".uploadhead", "on the way")
        browser.shoot("sending")
        browser.slow(-1)
        browser.see(".upload.failed", "its name ends in neither .csv nor .csv.gz")
        eventually("both are taken", lambda: len(browser.all(".upload.done")) == 2, 120)
        browser.see(".uploadhead", "2 files taken, 1 not taken")
        browser.shoot("sent")
        browser.see("#tasks", "small.csv")
        browser.see("#tasks", "large.csv")
        daemon.await_ended(2)
        browser.see("#statuses", "Done")
        self.assert_accessible()
        browser.click(".upload.done a")
        browser.see(".badge", "Done")

    def test_an_upload_that_is_stopped_leaves_nothing(self):
        browser, daemon = self.browser, self.daemon
        browser.slow(50_000)
        self.send(daemon.generate("large.csv", 40_000, "zipf"))
        work = daemon.path("state", "work")
        eventually("it has begun", lambda: os.listdir(work))
        browser.click(".upload.sending button")
        browser.see(".upload.stopped", "nothing of it is left")
        eventually("nothing is left", lambda: not os.listdir(work))
        self.assertEqual(daemon.get("/tasks"), [])


class TaskTest(PageTest):
    allowed_errors = ("409",)

    def test_a_result_is_a_chart_and_a_table(self):
        browser, daemon = self.browser, self.daemon
        path = daemon.generate("plays.csv", 30_000, "zipf")
        os.rename(path, os.path.join(daemon.inbox, "plays.csv"))
        browser.see("#tasks", "totals")
        browser.open_task("plays.csv")
        browser.see(".detail", "Top songs")
        browser.shoot("chart")
        self.assert_accessible()
        plot = browser.one(".plot")
        plot.send_keys(Keys.HOME)
        browser.see(".readout", "1 Jan 2024")
        plot.send_keys(Keys.ARROW_RIGHT)
        browser.see(".readout", "2 Jan 2024")
        browser.one("#tab-chart").send_keys(Keys.ARROW_RIGHT)
        browser.see(".tablebox .count", "1 to 50 of")
        rows = daemon.get("/result/plays.csv/rows?sort=plays&order=desc&limit=60")
        browser.click("th.plays button")
        browser.see("tbody tr:first-child", rows["rows"][0]["song"])
        self.assertEqual(browser.one("th.plays").get_attribute("aria-sort"), "descending")
        browser.shoot("table")
        self.assert_accessible()
        browser.click("[aria-label='Next page']")
        browser.see(".tablebox .count", "51 to 100 of")
        self.assertEqual(browser.text("tbody tr:first-child td:first-child"), rows["rows"][50]["song"])
        found = daemon.get("/result/plays.csv/rows?search=love")["total"]
        browser.one(".tabletools input").send_keys("LOVE")
        browser.see(".tablebox .count", f"of {found:,}")

    def test_of_a_song_that_is_too_long_to_show_the_beginning_is_shown(self):
        browser, daemon = self.browser, self.daemon
        daemon.drop("wide.csv", HEADER + "é" * (1 << 20) + ",2024-01-01,3\n")
        browser.open_task("wide.csv")
        browser.see(".songs", "ééé")
        browser.click("#tab-table")
        browser.see(".tablebox tbody td", "… (2.0 MiB in all)")
        self.assertLess(len(browser.text(".tablebox tbody td:first-child")), 600)

    def test_a_failed_file_says_why_and_where_and_is_tried_again(self):
        browser, daemon = self.browser, self.daemon
        daemon.drop(f"{EVIL.replace('/', '')}.csv", HEADER + f'"{EVIL.replace(chr(34), chr(34) * 2)}",2024-01-01,x\nB,2024-01-02,1\nC,2024-01-03,\n')
        browser.see("#tasks", "were rejected")
        browser.open_task(f"{EVIL}.csv")
        browser.see(".badge", "Failed")
        browser.see(".rejects tbody tr:first-child", "whole number")
        self.assertIn("2", browser.text(".rejects tbody tr:first-child td:first-child"))
        browser.see(".story", "Failed")
        browser.shoot("failed")
        self.assert_accessible()
        rejects = browser.one("a[href*='rejects']").get_attribute("href")
        self.assertIn("C,2024-01-03", browser.js("return fetch(arguments[0]).then(r => r.text())", rejects))
        browser.click("#act-retry")
        browser.see(".story", "Back in the queue")
        eventually("it failed again", lambda: browser.text(".story").count("Failed") == 2)
        self.assertEqual(browser.driver.title, "watchd")
        self.assertEqual(browser.all("img[src='x']"), [])

    def test_a_task_is_forgotten_and_the_totals_with_it(self):
        browser, daemon = self.browser, self.daemon
        daemon.drop("a.csv", HEADER + "Hey Jude,2024-01-01,3\n")
        daemon.drop("b.csv", HEADER + "Yesterday,2024-01-02,5\n")
        daemon.await_ended(2)
        browser.click(".welcome button")
        browser.see(".songs", "Hey Jude")
        browser.see(".songs", "Yesterday")
        self.assert_accessible()
        browser.phone()
        self.assertFalse(browser.one(".detail").is_displayed())
        browser.click(".all")
        eventually("a phone shows them too", lambda: browser.one(".welcome").is_displayed())
        browser.click(".welcome button")
        browser.see(".songs", "Yesterday")
        browser.shoot("totals")
        browser.phone()
        browser.click(".back")
        eventually("and goes back", lambda: browser.one("#tasks").is_displayed())
        browser.desk()
        browser.open_task("a.csv")
        browser.click("#act-forget")
        browser.driver.switch_to.alert.accept()
        browser.see(".badge", "Cancelled")
        browser.click(".brand")
        browser.click(".welcome button")
        browser.see(".songs", "Yesterday")
        self.assertNotIn("Hey Jude", browser.text(".songs"))

    def test_the_list_is_gone_through_by_keyboard(self):
        browser, daemon = self.browser, self.daemon
        for number in range(3):
            daemon.drop(f"p{number}.csv", HEADER + f"A,2024-01-01,{number}\n")
            daemon.await_ended(number + 1)
        browser.see("#tasks", "p2.csv")
        box = browser.one("#tasks")
        box.send_keys(Keys.HOME, Keys.ARROW_DOWN)
        browser.see(".row.active", "p1.csv")
        self.assertEqual(box.get_attribute("aria-activedescendant"), browser.one(".row.active").get_attribute("id"))
        box.send_keys(Keys.ENTER)
        browser.see(".detail h1", "p1.csv")
        ActionChains(browser.driver).send_keys(Keys.TAB).perform()
        self.assertNotEqual(browser.js("return document.activeElement.id"), "tasks")


class AccessTest(PageTest):
    def press(self, *keys):
        ActionChains(self.browser.driver).send_keys(*keys).perform()

    def tab_to(self, wanted):
        """Goes on by the Tab key alone."""
        passed = []
        for _ in range(40):
            self.press(Keys.TAB)
            passed.append(self.browser.focused())
            if passed[-1] and wanted in passed[-1][1]:
                ring = self.browser.js("const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0")
                self.assertTrue(ring, f"where the keyboard is at {wanted} cannot be seen")
                return
        self.fail(f"Tab does not come to {wanted}: {passed}")

    def test_all_is_done_by_keyboard_alone(self):
        browser, daemon = self.browser, self.daemon
        daemon.drop("bad.csv", HEADER + "A,2024-01-01,x\n")
        daemon.await_ended(1)
        good = HEADER + "A,2024-01-01,1\nB,2024-01-02,3\nC,2024-01-03,2\n"
        daemon.drop("good.csv", good)
        daemon.await_ended(2)
        browser.see("#statuses", "Failed\n1")
        browser.see("#statuses", "Done\n1")
        self.tab_to("Failed")
        self.press(Keys.ENTER)
        eventually("one is shown", lambda: len(browser.all(".row")) == 1)
        self.tab_to("Search for a name")
        self.tab_to("Tasks, the newest first")
        self.press(Keys.HOME, Keys.ENTER)
        browser.see(".detail h1", "bad.csv")
        self.tab_to("Try again")
        self.press(Keys.SPACE)
        browser.see(".story", "Back in the queue")
        eventually("the keyboard is where it was", lambda: (browser.focused() or ("", ""))[1] in ("Try again", "bad.csv"))
        browser.js("document.getElementById('tasks').focus()")
        browser.click("#statuses button")
        browser.open_task("good.csv")
        browser.see(".detail", "Songs")
        browser.js("document.getElementById('tasks').focus()")
        self.tab_to("Download the result")
        # What happens meanwhile draws all of it anew.
        self.send(daemon.file("good.csv", good))
        browser.see(".story", "Sent once more")
        self.assertEqual(browser.focused(), ("link", "Download the result"))
        self.tab_to("Chart")
        self.press(Keys.ARROW_RIGHT)
        browser.see(".tablebox .count", "1 to 3 of 3")
        self.tab_to("Plays")
        self.press(Keys.ENTER)
        eventually("it is sorted", lambda: browser.one("th.plays").get_attribute("aria-sort"))
        first = "return document.querySelector('.tablebox tbody tr').cells[2].textContent"
        largest_first = browser.one("th.plays").get_attribute("aria-sort") == "descending"
        eventually("so are the rows", lambda: browser.js(first) == ("3" if largest_first else "1"))

    def test_a_screen_reader_is_told_what_is_seen(self):
        browser, daemon = self.browser, self.daemon
        daemon.drop("bad.csv", HEADER + "A,2024-01-01,x\n")
        daemon.drop("good.csv", HEADER + "A,2024-01-01,1\nB,2024-01-02,3\n")
        # The page hears of it later than the daemon says it.
        browser.see("#statuses", "Failed\n1")
        browser.see("#statuses", "Done\n1")

        def told_of(name):
            return next((text for _, text, _ in browser.told("option") if text.startswith(name)), "")

        for name, said in (("bad.csv", "Failed"), ("bad.csv", "rejected"), ("good.csv", "Done")):
            eventually(f"{said} is told of {name}", lambda: said in told_of(name))
        browser.open_task("good.csv")
        browser.see(".detail", "Songs")
        plot = eventually("a chart is there", lambda: browser.told("slider"))[0][1]
        self.assertIn("Plays by date, 1 Jan 2024 to 2 Jan 2024", plot)
        self.assertIn("good.csv", [name for _, name, _ in browser.told("heading")])
        browser.click("#tab-table")
        browser.see(".tablebox .count", "1 to 2 of 2")
        self.assertEqual([name for _, name, _ in browser.told("columnheader")], ["Song", "Date", "Plays"])
        # Nothing that can be used is without a name.
        for role, name, _ in browser.told("button", "link", "searchbox", "tab", "listbox", "region", "slider", "progressbar", "textbox", "table"):
            self.assertTrue(name or role == "table", role)
        daemon.stop()
        browser.see("#gone", "does not answer")
        eventually("it is told", lambda: any("does not answer" in self.text_of(node) for node in browser.told("alert")))
        daemon.start()
        browser.see("#said", "watchd answers again")

    allowed_errors = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE", "503")

    def text_of(self, node):
        return node[1] or self.browser.text(f"[role={node[0]}]")

    def test_a_file_that_came_before_is_said_to_be_that_one(self):
        browser, daemon = self.browser, self.daemon
        file = daemon.file("plays.csv", HEADER + "A,2024-01-01,1\n")
        self.send(file)
        browser.see(".upload.done", "Taken")
        daemon.await_ended(1)
        self.send(file)
        browser.see(".uploads", "It came before")
        self.assertEqual(len(daemon.get("/tasks")), 1)
        browser.open_task("plays.csv")
        browser.see(".story", "Sent once more")


class LiveTest(PageTest):
    allowed_errors = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE", "503")

    def test_the_page_says_that_the_daemon_is_gone_and_goes_on_when_it_is_back(self):
        browser, daemon = self.browser, self.daemon
        daemon.drop("before.csv", HEADER + "A,2024-01-01,1\n")
        browser.see("#tasks", "before.csv")
        daemon.stop()
        browser.see("#gone", "does not answer")
        browser.see("#link", "No connection")
        browser.shoot("gone")
        self.assert_accessible()
        self.assertIn("before.csv", browser.text("#tasks"))
        daemon.drop("after.csv", HEADER + "A,2024-01-01,2\n")
        daemon.start()
        browser.see("#link", "Live")
        browser.see("#tasks", "after.csv")
        self.assertFalse(browser.one("#gone").is_displayed())
        daemon.drop("later.csv", HEADER + "A,2024-01-01,3\n")
        browser.see("#tasks", "later.csv")

    def test_a_list_that_comes_late_does_not_undo_what_happened_meanwhile(self):
        browser, daemon = self.browser, self.daemon
        daemon.drop("before.csv", HEADER + "A,2024-01-01,1\n")
        browser.see("#tasks", "before.csv")
        browser.js(
            "const ask = window.fetch; window.held = [];"
            "window.fetch = async (path, ...rest) => {"
            "  const answer = await ask(path, ...rest);"
            "  if (path.startsWith('/tasks?')) await new Promise(go => window.held.push(go));"
            "  return answer; }"
        )
        browser.js("const s = document.getElementById('search'); s.value = '.csv'; s.dispatchEvent(new Event('input'))")
        eventually("a list is on its way", lambda: browser.js("return window.held.length"))
        daemon.drop("meanwhile.csv", HEADER + "A,2024-01-01,2\n")
        browser.see("#statuses", "Done\n2")
        browser.see("#tasks", "meanwhile.csv")
        browser.js("document.getElementById('said').textContent = ''; for (const go of window.held) go()")
        browser.see("#said", "tasks")
        # It says so when the list is there, and draws in the next frame.
        browser.frame()
        self.assertIn("meanwhile.csv", browser.text("#tasks"))
        self.assertIn("before.csv", browser.text("#tasks"))

    def test_an_upload_that_meets_a_daemon_that_stops_is_sent_again(self):
        browser, daemon = self.browser, self.daemon
        browser.slow(50_000)
        self.send(daemon.generate("large.csv", 40_000, "zipf"))
        eventually("it has begun", lambda: os.listdir(daemon.path("state", "work")))
        daemon.stop()
        browser.see(".upload.broken", "sent again by itself")
        browser.slow(-1)
        daemon.start()
        browser.see(".upload.done", "Taken", 120)
        daemon.await_ended(1)
        self.assertEqual(len(daemon.get("/tasks")), 1)

    def test_a_running_task_shows_how_far_it_is(self):
        browser, daemon = self.browser, self.daemon
        path = daemon.generate("long.csv", 4_000_000, "unique")
        os.rename(path, os.path.join(daemon.inbox, "long.csv"))
        browser.open_task("long.csv")
        self.see_it_being_read()
        with daemon.frozen():
            browser.shoot("running")
        browser.see(".meter", "Writing the result: ", 120)
        with daemon.frozen():
            self.assertIn("Writing the result: ", browser.text("#tasks .line.running"))
            browser.shoot("writing")
        browser.see(".badge", "Done", 120)

    def test_a_running_task_is_cancelled(self):
        browser, daemon = self.browser, self.daemon
        path = daemon.generate("long.csv", 8_000_000, "unique")
        os.rename(path, os.path.join(daemon.inbox, "long.csv"))
        browser.open_task("long.csv")
        self.see_it_being_read()
        with daemon.frozen():
            browser.click("#act-cancel")
        browser.see(".badge", "Cancelled", 120)

    def see_it_being_read(self):
        script = "return Number(document.querySelector('.meter .progress')?.getAttribute('aria-valuenow') ?? 0)"
        eventually("it has read some of it", lambda: self.browser.js(script), 120)
        self.browser.see(".badge", "Running")


class SizeTest(PageTest):
    def test_ten_thousand_tasks_and_a_million_rows_do_not_slow_it(self):
        browser, daemon = self.browser, self.daemon
        for number in range(10_000):
            daemon.drop(f"plays-{number:05}.csv", HEADER + f"A,2024-01-01,{number}\n")
        daemon.await_ended(10_000, 300)
        browser.see("#statuses", "10,000")
        self.assertLess(len(browser.all(".row")), 60)
        browser.shoot("many")

        def to_end():
            browser.js("const box = document.getElementById('tasks'); box.scrollTop = box.scrollHeight")
            return browser.js("return document.querySelector('.rows').clientHeight") == 10_000 * 64

        eventually("all are loaded", to_end)
        names = {task["name"] for task in daemon.get("/tasks?limit=10000")[-20:]}
        eventually("the oldest is seen", lambda: any(name in browser.text("#tasks") for name in names))
        self.assertLess(len(browser.all(".row")), 60)
        browser.one("#search").send_keys("04711")
        eventually("one is left", lambda: browser.js("return document.querySelectorAll('.row').length") == 1)
        browser.see("#tasks", "plays-04711.csv")
        # The best of some: what else the machine does is not the page's doing.
        self.assertLess(min(self.frame_time() for _ in range(5)), 0.25)

        path = daemon.generate("million.csv", 1_000_000, "unique")
        os.rename(path, os.path.join(daemon.inbox, "million.csv"))
        daemon.await_ended(10_001, 300)
        browser.js("const s = document.getElementById('search'); s.value = 'million'; s.dispatchEvent(new Event('input'))")
        browser.open_task("million.csv")
        browser.see(".detail", "Top songs", 120)
        browser.click("#tab-table")
        browser.see(".tablebox .count", "of 1,000,000")
        browser.click("th.plays button")
        eventually("it is sorted", lambda: browser.one("th.plays").get_attribute("aria-sort") == "descending")
        browser.click("[aria-label='Last page']")
        browser.see(".tablebox .count", "999,951 to 1,000,000")
        self.assertEqual(len(browser.all(".tablebox tbody tr")), 50)

    def frame_time(self):
        """Seconds from a scroll to the second frame after it."""
        return self.browser.js(
            "const start = performance.now(); document.getElementById('tasks').scrollTop = 0;"
            "return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done((performance.now() - start) / 1000))))"
        )


if __name__ == "__main__":
    unittest.main()
