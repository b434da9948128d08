"""The page in Chromium: what it shows, and what its controls do."""

import json
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys

from stage import (
    PATIENCE, ROOT, TOOLS, Listener, Viewer, header, meter, note, plan, setting, tick, wait_until)

DARK = {"name": "prefers-color-scheme", "value": "dark"}
STILL = {"name": "prefers-reduced-motion", "value": "reduce"}


def chromium():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in [
        "headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "window-size=1280,800",
        "force-device-scale-factor=1",
    ]:
        options.add_argument("--" + argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = Service("/usr/bin/chromedriver")
    return webdriver.Chrome(options=options, service=service)


class PageTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = chromium()

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()

    def setUp(self):
        self.media(DARK)
        self.forget_logs()

    def tearDown(self):
        while len(self.browser.window_handles) > 1:
            self.browser.switch_to.window(self.browser.window_handles[-1])
            self.browser.close()
        self.browser.switch_to.window(self.browser.window_handles[0])
        self.browser.get("about:blank")

    def forget_logs(self):
        for name in ["browser", "performance"]:
            self.browser.get_log(name)

    def media(self, *features):
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": list(features)})

    def resize(self, width, height):
        self.addCleanup(self.browser.execute_cdp_cmd, "Emulation.clearDeviceMetricsOverride", {})
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})

    def viewer(self, *options, **keywords):
        viewer = Viewer(*options, **keywords)
        self.addCleanup(viewer.close)
        return viewer

    def show(self, viewer):
        self.browser.get(viewer.url)
        wait_until(lambda: not self.seen("#trouble"), "the connection")

    def js(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def seen(self, selector):
        return self.browser.find_element("css selector", selector).is_displayed()

    def text(self, selector):
        return self.js("return document.querySelector(arguments[0]).textContent", selector)

    def becomes(self, selector, text):
        wait_until(lambda: self.text(selector) == text, f"{text} in {selector}")

    def share(self, pitch, start, to, colour):
        """The share of a key's column between two frames that has a colour of the page."""
        return self.js(
            """
            const [pitch, from, to, name] = arguments;
            drawWaterfall();
            const place = layout(), key = place.x(pitch);
            pen.fillStyle = colours[name];
            const wanted = pen.fillStyle.match(/[0-9a-f]{2}/g).map(digits => parseInt(digits, 16));
            const [top, bottom] = [place.y(to) + 6, place.y(from) - 6];
            const size = [Math.floor(key.width) - 10, Math.floor(bottom - top)];
            // A copy, because a canvas that a script has read is drawn without the graphics card.
            const copy = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
            copy.drawImage(canvas, Math.ceil(key.x) + 5, top, ...size, 0, 0, ...size);
            const { data } = copy.getImageData(0, 0, ...size);
            let count = 0;
            for (let i = 0; i < data.length; i += 4) {
              if (wanted.every((value, c) => Math.abs(data[i + c] - value) < 8)) count += 1;
            }
            return count / (data.length / 4);
            """, pitch, start, to, colour)

    def quiet(self, viewer):
        """Checks that the page logged no error and asked no other server."""
        self.assertEqual(self.browser.get_log("browser"), [])
        messages = [json.loads(entry["message"])["message"]
                    for entry in self.browser.get_log("performance")]
        urls = [message["params"]["request"]["url"] for message in messages
                if message["method"] == "Network.requestWillBeSent"]
        own = viewer.url.partition("?")[0]
        self.assertTrue(urls)
        self.assertEqual([url for url in urls if not url.startswith((own, "data:,"))], [])

    # What the page shows.

    def test_the_page_shows_the_chords_the_beat_and_the_tempo_of_the_stream(self):
        viewer = self.viewer()
        self.show(viewer)
        viewer.write(
            header(tempo=92.5), tick(37),
            plan(37, 52, [(32, 40, "Am7"), (40, 44, "Am7"), (44, 52, "D7"), (52, 64, "F#m7b5/A")]))
        self.becomes("#now p", "Am7")
        self.becomes("#next p", "D7")
        self.becomes("#then p", "F#m7b5/A")
        self.assertEqual(self.text("#place"), "3:2")
        self.assertEqual(self.text("#tempo"), "92.5")
        self.assertEqual(self.text("#meter"), "4/4")
        self.assertEqual(self.text("#source"), "tune.mid")
        self.assertEqual(self.text("#next h2"), "nextin 2 ■")
        self.assertEqual(self.text("#then h2"), "thenin 4 □")
        self.assertEqual(self.text("#said"), "Am7, next D7")
        lights = self.js("return [...document.querySelectorAll('#beats i')].map(i => i.className)")
        self.assertEqual(lights, ["", "on", "", ""])
        viewer.write(tick(44), plan(44, 60, [(44, 52, "D7"), (52, 64, "N")]))
        self.becomes("#now p", "D7")
        self.assertEqual(self.text("#next p"), "N.C.")
        self.assertEqual(self.text("#then p"), "–")
        self.quiet(viewer)

    def test_the_page_shows_the_guessed_key(self):
        viewer = self.viewer()
        self.show(viewer)
        viewer.write(header())
        for frame, pitch in enumerate([57, 59, 60, 62, 64, 65, 64, 60, 57, 64, 57]):
            viewer.write(tick(frame), note(pitch, frame), note(pitch, frame + 1, "note_off"))
        viewer.write(tick(20))
        self.becomes("#key", "A minor")
        # A browser that comes late shows it too.
        self.show(viewer)
        self.becomes("#key", "A minor")

    def test_bars_are_counted_across_changes_of_meter(self):
        viewer = self.viewer()
        viewer.write(
            header(), tick(0), meter("6/8", 16), tick(16), meter("2/4", 28), tick(40))
        self.show(viewer)
        # A bar of 4/4, one of 6/8, and one and a half of 2/4.
        self.becomes("#place", "4:2")
        viewer.write(tick(44))
        self.becomes("#place", "5:1")
        self.assertEqual(self.text("#meter"), "2/4")

    def test_chords_and_lines_are_counted_in_the_beats_of_the_meter(self):
        self.media(DARK, STILL)
        viewer = self.viewer()
        self.show(viewer)
        viewer.write(
            header(meter="6/8"), meter("2/4", 12) | {"t": 0}, tick(0), tick(1),
            plan(1, 16, [(0, 6, "C"), (6, 16, "F"), (16, 24, "G")]))
        # The second dotted quarter note; then the bar line, and a quarter note of the bar of 2/4.
        self.becomes("#next h2", "nextin 1 ■")
        self.assertEqual(self.text("#then h2"), "thenin 3 □")
        wait_until(lambda: self.js("return frameNow") == 1)
        frames = self.js(
            """
            const place = layout(), drawn = [];
            pen.fillRect = (x, y, width, height) => {
              drawn.push(Math.round(frameNow + (place.nowY - y - height / 2) / place.scale));
            };
            drawBars(place);
            delete pen.fillRect;
            return drawn.filter(frame => frame >= 0);
            """)
        self.assertEqual(frames, [0, 6, 12, 16, 20])
        self.quiet(viewer)

    def test_committed_tentative_played_and_predicted_notes_look_different(self):
        self.media(DARK, STILL)
        viewer = self.viewer()
        self.show(viewer)
        viewer.write(
            header(), tick(0), note(72, 0), tick(4),
            plan(4, 12, [(4, 8, "C"), (8, 16, "F")], [(8, 16, 84)]))
        self.becomes("#now p", "C")
        # The bass notes of both chords: C2 up to frame 8, F2 before and after the end of the
        # commit.
        wait_until(lambda: self.share(36, 5, 8, "agent") > 0.98, "the committed chord")
        self.assertGreater(self.share(41, 8, 12, "agent"), 0.98)
        self.assertTrue(0.1 < self.share(41, 12, 16, "agent") < 0.7)
        self.assertEqual(self.share(43, 8, 16, "agent"), 0)
        self.assertGreater(self.share(72, 2, 4, "person"), 0.9)
        self.assertEqual(self.share(84, 8, 16, "agent") + self.share(84, 8, 16, "person"), 0)
        self.assertLess(self.share(84, 8, 16, "ground"), 0.02)
        self.browser.find_element("id", "show-predicted").click()
        self.assertGreater(self.share(84, 8, 12, "ground"), 0.5)
        self.quiet(viewer)

    def test_only_the_waterfall_moves_between_ticks(self):
        viewer = self.viewer()
        self.show(viewer)
        # The slowest tempo of a stream leaves time for two screenshots between two ticks.
        viewer.write(header(tempo=5), tick(0), plan(0, 8, [(0, 8, "C"), (8, 16, "G")]))
        self.becomes("#next p", "G")
        shots = []
        for _ in range(2):
            shots.append({name: self.browser.find_element("css selector", name).screenshot_as_png
                          for name in ["canvas", "#chords", "header"]})
            time.sleep(0.3)
        self.assertNotEqual(shots[0]["canvas"], shots[1]["canvas"])
        self.assertEqual(shots[0]["#chords"], shots[1]["#chords"])
        self.assertEqual(shots[0]["header"], shots[1]["header"])
        position = self.js("return frameNow")
        self.assertTrue(0 < position < 1.2, position)
        # It stands still where the system asks for less motion.
        self.media(DARK, STILL)
        wait_until(lambda: self.js("return frameNow") == 0)

    def test_colours_follow_the_choice_of_dark_or_light(self):
        viewer = self.viewer()
        self.show(viewer)
        ground = "return getComputedStyle(document.body).backgroundColor"
        self.assertEqual(self.js(ground), "rgb(15, 18, 22)")
        self.media({"name": "prefers-color-scheme", "value": "light"})
        wait_until(lambda: self.js(ground) == "rgb(251, 251, 249)")
        wait_until(lambda: self.js("return colours.agent") == "#0072b2")

    def test_the_page_fits_telephones_and_projectors(self):
        for count in ["2", "8"]:
            viewer = self.viewer("--next", count)
            self.show(viewer)
            names = ["F#m7b5/A", "Bbmaj7", "C13b9", "C", "Ebm7b5/Bbb"]
            viewer.write(
                header(), tick(0),
                plan(0, 8, [(i * 4, i * 4 + 4, names[i % len(names)]) for i in range(9)]))
            self.becomes("#now p", "F#m7b5/A")
            self.fits()

    def fits(self):
        for width, height in [(360, 640), (844, 390), (1280, 800), (1920, 1080)]:
            self.resize(width, height)
            size = wait_until(lambda: self.js(
                "return [document.documentElement.scrollWidth, canvas.clientHeight, innerWidth]"))
            self.assertLessEqual(size[0], size[2], (width, height))
            self.assertGreaterEqual(size[1], 100, (width, height))
            cut = self.js(
                "return [...document.querySelectorAll('.chord p')]"
                ".filter(p => p.scrollWidth > p.clientWidth).map(p => p.textContent)")
            self.assertEqual(cut, [], (width, height))

    # Text of the stream.

    def test_names_of_the_stream_are_shown_as_text(self):
        evil = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>\u202e\u001b[2J"
        viewer = self.viewer()
        self.show(viewer)
        count = "return document.querySelectorAll('*').length"
        viewer.write(header(), tick(0), plan(0, 8, [(0, 8, "C"), (8, 16, "C"), (16, 32, "C")]))
        self.becomes("#now p", "C")
        before = self.js(count)
        self.browser.get("about:blank")
        self.forget_logs()
        viewer = self.viewer()
        self.show(viewer)
        viewer.write(header(source=evil, producer=evil), tick(0), setting("temperature", evil),
                     setting("model", evil), setting("__proto__", evil), setting(evil, evil))
        viewer.write({"t": 0, "type": "stat", evil: 1, "__proto__": 2, "missed": 7},
                     {"t": 0, "type": "marker", "text": evil}, {"t": 0, "type": evil},
                     {"t": 0, "type": "constructor"})
        symbols = [evil[:60], "__proto__", "constructor"]
        viewer.write(plan(0, 8, [(i * 4, i * 4 + 4, name) for i, name in enumerate(symbols)]))
        self.becomes("#now p", evil[:15] + "…")
        self.assertEqual(self.text("#source"), evil)
        self.assertEqual(self.js(count), before)
        self.assertIsNone(self.js("return window.hacked ?? null"))
        self.assertIn("missed 7", self.text("#health"))
        self.quiet(viewer)

    # Settings, keys and connections.

    def test_a_slider_changes_the_agents_plan_and_the_session_replays(self):
        with tempfile.TemporaryDirectory() as folder:
            self.play_with_a_slider(Path(folder))

    def play_with_a_slider(self, folder):
        agent = "jam-agent --hypotheses 1 --silence 0 --lookahead 8 --commit 1"
        pipe = subprocess.Popen(
            ["bash", "-c", f"""
                mkfifo control
                {agent} --control control |
                  jam-tee >(plan-view --listen 0 --control control 2> said > /dev/null) session > /dev/null
                """],
            cwd=folder, stdin=subprocess.PIPE, bufsize=0,
            env=os.environ | {"PATH": f"{TOOLS}:{os.environ['PATH']}"})
        session = folder / "session"

        def lines():
            text = session.read_text() if session.exists() else ""
            return [json.loads(line) for line in text.splitlines()]

        def plans():
            return [line for line in lines() if line["type"] == "plan"]

        def play(*records):
            pipe.stdin.write(b"".join(json.dumps(record).encode() + b"\n" for record in records))

        said = folder / "said"
        play(header(), tick(0), note(60, 0), tick(1))
        wait_until(lambda: len(plans()) == 2, "plans")
        self.assertEqual(plans()[-1]["commit"], 1 + 4)
        url = wait_until(lambda: said.exists() and said.read_text().endswith("\n") and said.read_text())
        self.browser.get(url.split()[-1])
        self.becomes("#place", "1:1")
        self.browser.find_element("css selector", "summary").click()
        slider = self.browser.find_element("css selector", "input[name=commit]")
        slider.send_keys(Keys.END)
        # Once the server has answered, the setting is in the pipe; the agent takes it with the next
        # record.
        wait_until(lambda: self.js("return arguments[0].value", slider) == "8")
        frame = 2
        while not any(line["type"] == "set" for line in lines()):
            self.assertLess(frame, 200)
            play(tick(frame))
            frame += 1
            wait_until(lambda: len(plans()) == frame, "a plan")
        self.assertEqual(plans()[-1]["commit"] - plans()[-1]["frame"], 32)
        self.becomes("#settings label:nth-child(2) b", "8")
        pipe.stdin.close()
        self.assertEqual(pipe.wait(PATIENCE), 0)
        replay = subprocess.run(
            ["bash", "-c", f"{agent} < session | cmp - session"], cwd=folder, timeout=60,
            env=os.environ | {"PATH": f"{TOOLS}:{os.environ['PATH']}"})
        self.assertEqual(replay.returncode, 0)

    def test_the_page_follows_the_options_and_the_set_records_of_a_view(self):
        self.media(DARK, STILL)
        viewer = self.viewer("--transpose", "2", "--notation", "nashville", "--key", "C", "--next", "3")
        self.show(viewer)
        viewer.write(
            header(), tick(0), note(70, 0), tick(4),
            plan(4, 24, [(4, 8, "C"), (8, 12, "F"), (12, 16, "G7"), (16, 24, "Am")]))
        texts = "return [...document.querySelectorAll('.chord p')].map(p => p.textContent)"
        wait_until(lambda: self.js(texts) == ["1", "4", "57", "6-"], "degrees")
        self.becomes("#key", "D major")
        self.assertEqual(self.text("#shift"), "transposed +2")
        # The bass of F, and the note, two semitones up.
        wait_until(lambda: self.share(43, 8, 12, "agent") > 0.9, "the committed chord")
        self.assertGreater(self.share(72, 2, 4, "person"), 0.9)
        viewer.write(setting("notation", "letters", 4), setting("next", 1, 4))
        wait_until(lambda: self.js(texts) == ["D", "G"], "letters")
        self.quiet(viewer)

    def test_an_offset_shows_the_stream_later(self):
        self.media(DARK, STILL)
        viewer = self.viewer("--offset", "500")
        self.show(viewer)
        viewer.write(header(), tick(0), plan(0, 16, [(0, 4, "C"), (4, 16, "G")]))
        viewer.write(tick(4), plan(4, 16, [(4, 16, "G")]))
        # Four frames are half a second.
        self.becomes("#next h2", "nextin 1 ■")
        self.assertEqual((self.text("#now p"), self.text("#next p")), ("C", "G"))
        self.assertEqual(self.text("#place"), "1:1")
        self.assertEqual(self.text("#shift"), "+500 ms")

    def test_settings_show_what_the_agent_has_in_force_and_what_it_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            control = Path(folder) / "control"
            control.touch()
            viewer = self.viewer("--control", str(control))
            in_force = {"t": 0, "type": "settings", "commit": 1, "temperature": 0.9, "model": "tunes"}
            viewer.write(header(), in_force, tick(0))
            self.show(viewer)
            self.browser.find_element("css selector", "summary").click()
            shown = {name: f"#settings label:has([name={name}]) b" for name in ["model", "temperature"]}
            self.becomes(shown["temperature"], "0.9")
            self.becomes(shown["model"], "tunes")
            model = self.browser.find_element("css selector", "input[name=model]")
            model.clear()
            model.send_keys("nobody", Keys.ENTER)
            self.becomes(shown["model"], "…")
            wait_until(lambda: "nobody" in control.read_text())
            # Another setting that changes meanwhile is no answer.
            turned = in_force | {"temperature": 1.2}
            viewer.write(setting("temperature", 1.2), turned)
            self.becomes(shown["temperature"], "1.2")
            self.assertEqual(self.text(shown["model"]), "…")
            viewer.write(setting("model", "nobody"), turned)
            self.becomes(shown["model"], "tunes (not nobody)")
            self.assertEqual(model.get_property("value"), "tunes")

    def test_settings_are_shown_but_cannot_be_changed_without_control(self):
        viewer = self.viewer()
        viewer.write(header(), setting("temperature", 0.35))
        self.show(viewer)
        self.becomes("#settings label:first-child b", "0.35")
        self.assertIn("chords", self.text("#settings label:first-child small"))
        names = self.js("return [...document.querySelectorAll('#settings input')].map(i => i.name)")
        self.assertEqual(names[:4], ["temperature", "commit", "lookahead", "model"])
        self.assertEqual(self.js("return document.querySelectorAll('#settings input:enabled').length"), 0)
        self.assertEqual(self.js("return document.querySelector('input[name=temperature]').value"), "0.35")

    def test_keys_show_and_hide_parts_and_zoom(self):
        viewer = self.viewer()
        self.show(viewer)
        body = self.browser.find_element("css selector", "body")
        body.send_keys("w")
        self.assertEqual(self.js("return canvas.clientHeight"), 0)
        body.send_keys("w")
        self.assertGreater(self.js("return canvas.clientHeight"), 100)
        ahead = self.js("return framesAhead")
        body.send_keys("-")
        self.assertGreater(self.js("return framesAhead"), ahead)
        body.send_keys("s")
        self.assertTrue(self.seen("#settings"))

    def test_a_lost_connection_is_shown_and_comes_back(self):
        viewer = Viewer()
        viewer.write(header(), tick(0), plan(0, 4, [(0, 8, "C")]))
        self.show(viewer)
        self.becomes("#now p", "C")
        address = str(viewer.port)
        viewer.close()
        wait_until(lambda: self.seen("#trouble"), "trouble")
        viewer = self.viewer(address=address)
        viewer.write(header(), tick(0), plan(0, 4, [(0, 8, "G")]))
        self.becomes("#now p", "G")
        self.assertFalse(self.seen("#trouble"))

    def test_ten_tabs_watch_at_once_beside_one_that_stalls(self):
        viewer = self.viewer()
        viewer.write(header())
        # The tabs of one browser share six connections.
        other = chromium()
        self.addCleanup(other.quit)
        for browser in [self.browser, other]:
            browser.get(viewer.url)
            for _ in range(4):
                browser.switch_to.new_window("tab")
                browser.get(viewer.url)
        tabs = [(browser, tab) for browser in [self.browser, other] for tab in browser.window_handles]
        self.assertEqual(len(tabs), 10)
        stalled = Listener(viewer)

        def become(script, wanted, what):
            for browser, tab in tabs:
                browser.switch_to.window(tab)
                wait_until(lambda: browser.execute_script("return " + script) == wanted, what)

        become("isConnected", True, "the connection")
        slowest = 0
        for frame in range(240):
            begun = time.monotonic()
            viewer.write(tick(frame), plan(frame, frame + 4, [(frame, frame + 8, "CFG"[frame % 3])]))
            slowest = max(slowest, time.monotonic() - begun)
            time.sleep(0.005)
        self.assertLess(slowest, 1)
        become("jam.now.frame", 239, "the last tick")
        become("jam.status.missed + jam.status.latePlans", 0, "all plans")
        stalled.close()

    def test_a_session_looks_right_in_dark_and_light(self):
        folder = os.environ.get("JAMLINE_SCREENSHOTS")
        tune = subprocess.run(
            ["bash", "-c", "midi-in --input Examples/saints.mid --pace fast --to 8 |"
             " jam-agent --hypotheses 2 --silence 2 --lookahead 8 --commit 2"],
            cwd=ROOT, env=os.environ | {"PATH": f"{TOOLS}:{os.environ['PATH']}"}, check=True,
            capture_output=True, timeout=60).stdout.splitlines(keepends=True)
        viewer = self.viewer()
        self.show(viewer)
        begun, spent = time.monotonic(), 0
        # The first seconds are written at once, the next in their own time.
        for line in tune:
            moment = json.loads(line)["t"] / 1e6
            if moment > 9:
                break
            spent = max(moment - 5, 0) - (time.monotonic() - begun)
            time.sleep(max(spent, 0))
            viewer.write_bytes(line)
        frames = self.js("return jam.now.frame")
        self.assertGreater(frames, 60)
        self.assertLess(abs(self.js("return frameNow") - frames), 3)
        for colour in ["dark", "light"]:
            self.media({"name": "prefers-color-scheme", "value": colour})
            for size in [(1280, 800), (360, 640), (844, 390), (1920, 1080)]:
                self.resize(*size)
                time.sleep(0.1)
                shot = self.browser.get_screenshot_as_png()
                self.assertGreater(len(shot), 10_000)
                if folder:
                    Path(folder).mkdir(parents=True, exist_ok=True)
                    name = "plan-view-{}-{}x{}.png".format(colour, *size)
                    (Path(folder) / name).write_bytes(shot)
        self.quiet(viewer)
