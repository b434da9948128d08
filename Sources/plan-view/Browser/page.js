'use strict';
// What the page shows in words: the session, its chords and its settings.

const byId = id => document.getElementById(id);
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// MARK: The session

// The session, from the server's events. Each event replaces one member; notes are added and ended
// one by one.
let jam;
// Whether anything has changed since the last drawing.
let isChanged = true;
let isConnected = false;

function forget() {
  jam = {
    // In order: { from, to, number, meter, beats }. `beats` has the frames in which beats begin.
    bars: [],
    now: { frame: null, tempo: null, frameLength: 125 },
    // When the page received the frame at hand.
    tickedAt: 0,
    view: { key: null, next: 2, transpose: 0, offset: 0 },
    // Notes { pitch, from, to }, where to is null while the note is held.
    notes: new Map(),
    // Chords { from, to, name, committed, classes, sound } in order; of one sound, they are one
    // chord. The first may have ended already.
    plan: { commit: null, chords: [], melody: [] },
    status: {
      playing: true, ended: false, latePlans: 0, lateNotes: 0, missed: 0, dropped: 0, lost: 0,
    },
  };
}
forget();

const receive = {
  start() { forget(); showTrouble(''); },
  controls: makeControls,
  session(session) { setText(byId('source'), session.source); },
  bars(bars) { jam.bars = bars; },
  now(now) {
    if (now.frame !== jam.now.frame) jam.tickedAt = performance.now();
    jam.now = now;
    for (const [key, note] of jam.notes) {
      if (note.to !== null && note.to < now.frame - 96) jam.notes.delete(key);
    }
  },
  view: showLook,
  setting: showSetting,
  notes(notes) {
    for (const note of notes) jam.notes.set(`${note.channel} ${note.pitch} ${note.from}`, note);
  },
  plan(plan) { jam.plan = plan; },
  status(status) { jam.status = status; },
};

function connect() {
  const source = new EventSource('stream' + location.search);
  for (const [name, take] of Object.entries(receive)) {
    source.addEventListener(name, event => {
      take(JSON.parse(event.data));
      isChanged = true;
    });
  }
  source.onerror = () => {
    showTrouble('Connection lost. Reconnecting …');
    if (source.readyState !== EventSource.CLOSED) return;
    showTrouble('No session here. Check the address that plan-view printed.');
    setTimeout(connect, 2000);
  };
}

function showTrouble(text) {
  setText(byId('trouble'), text);
  byId('trouble').hidden = !text;
  isConnected = !text;
}

// MARK: Settings

let canSet = false;

function makeControls(controls) {
  canSet = controls.canSet;
  byId('settings').replaceChildren(...controls.settings.map(setting => makeControl(setting)));
}

function makeControl({ name, label, help, from, to, step }) {
  const [row, shown, input, hint] = ['label', 'b', 'input', 'small']
    .map(tag => document.createElement(tag));
  row.append(label, shown, input, hint);
  hint.textContent = help;
  shown.textContent = 'as started';
  const isSlider = from !== undefined;
  Object.assign(input, { type: isSlider ? 'range' : 'text', name, disabled: !canSet });
  if (isSlider) Object.assign(input, { min: from, max: to, step, value: from });
  else input.maxLength = 64;
  input.addEventListener('change', () => {
    sendSetting(name, isSlider ? Number(input.value) : input.value, shown);
  });
  if (isSlider) input.addEventListener('input', () => { shown.textContent = input.value; });
  return row;
}

async function sendSetting(name, value, shown) {
  shown.textContent = '…';
  try {
    const answer = await fetch('set' + location.search, {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ t: 0, type: 'set', name, value }),
    });
    if (!answer.ok) shown.textContent = (await answer.text()) || 'refused';
  } catch {
    shown.textContent = 'not sent';
  }
}

// Shows the value in force, and beside it one that the agent refused.
function showSetting({ name, value, refused }) {
  const input = byId('settings').querySelector(`input[name="${CSS.escape(name)}"]`);
  if (!input) return;
  input.value = value;
  input.parentElement.querySelector('b').textContent =
    refused === null ? String(value) : `${value} (not ${refused})`;
}

// MARK: Words

// Shows the key and the options of plan-view, and makes a box for each chord ahead.
function showLook(view) {
  jam.view = view;
  setText(byId('key'), view.key ?? '–');
  const signed = number => number > 0 ? `+${number}` : String(number);
  setText(byId('shift'), [
    view.transpose && `transposed ${signed(view.transpose)}`,
    view.offset && `${signed(view.offset)} ms`,
  ].filter(Boolean).join(' '));
  const boxes = byId('chords');
  while (boxes.children.length > view.next + 1) boxes.lastChild.remove();
  while (boxes.children.length <= view.next) {
    const box = byId('now').cloneNode(true);
    box.querySelector('span').textContent = box.id = boxes.children.length === 1 ? 'next' : 'then';
    if (boxes.children.length > 2) box.removeAttribute('id');
    boxes.append(box);
  }
}

// The frame that the words are about: with an offset, another one than the frame at hand.
function frameShown() {
  if (jam.now.frame === null) return null;
  return jam.view.offset ? Math.floor(frameNow) : jam.now.frame;
}
let wordsFrame = null;

function barAt(frame) {
  return jam.bars.find(bar => bar.from <= frame && frame < bar.to);
}

// How many beats begin after a frame, up to the beginning of a later chord; at least one.
function beatsUntil(chord, frame) {
  const beats = jam.bars.flatMap(bar => bar.beats);
  return Math.max(1, beats.filter(beat => frame < beat && beat <= chord.from).length);
}

function showWords() {
  const frame = frameShown();
  wordsFrame = frame;
  const bar = barAt(frame ?? 0);
  showPlace(bar, frame);
  setText(byId('tempo'), jam.now.tempo === null ? '–' : String(jam.now.tempo));
  setText(byId('meter'), bar?.meter ?? '–');
  showChords(frame);
  showStatus();
}

function showPlace(bar, frame) {
  const beats = bar?.beats ?? [];
  const beat = frame === null ? -1 : beats.findLastIndex(begins => begins <= frame);
  setText(byId('place'), beat < 0 ? '–:–' : `${bar.number}:${beat + 1}`);
  const lights = byId('beats');
  const count = beats.length > 16 ? 0 : beats.length;
  while (lights.children.length > count) lights.lastChild.remove();
  while (lights.children.length < count) lights.append(document.createElement('i'));
  [...lights.children].forEach((light, i) => light.classList.toggle('on', i === beat));
}

const sounds = (chord, frame) => chord.from <= frame && frame < chord.to;

function showChords(frame) {
  const now = frame === null ? undefined : jam.plan.chords.find(chord => sounds(chord, frame));
  // A chord that begins again is not repeated.
  const later = jam.plan.chords.filter(chord => frame === null || chord.from > frame)
    .filter((chord, i, list) => chord.sound !== (i ? list[i - 1] : now)?.sound);
  [...byId('chords').children].forEach((box, i) => showChord(box, i ? later[i - 1] : now, frame));
  if (!now || byId('said').dataset.chord === now.sound) return;
  byId('said').dataset.chord = now.sound;
  byId('said').textContent = `${now.name}${later[0] ? `, next ${later[0].name}` : ''}`;
}

function showChord(box, chord, frame) {
  box.classList.toggle('committed', Boolean(chord?.committed));
  box.classList.toggle('tentative', Boolean(chord) && !chord.committed);
  const name = chord?.name ?? '–';
  setText(box.querySelector('p'), name);
  box.style.setProperty('--shrink', Math.min(1, 4.5 / name.length));
  const [, side] = box.querySelectorAll('span');
  const when = chord && box.id !== 'now' ? `in ${beatsUntil(chord, frame)}` : '';
  setText(side, chord ? `${when} ${chord.committed ? '■' : '□'}` : '');
}

function showStatus() {
  const { playing, ended, latePlans, lateNotes, missed, dropped, lost } = jam.status;
  const counts = [
    ['late plans', latePlans], ...(lateNotes ? [['late notes', lateNotes]] : []),
    ['missed', missed], ['dropped', dropped], ['lost', lost],
  ];
  const parts = counts.map(([name, count]) => `${name} ${count}`);
  setText(byId('health'), [ended ? 'ended' : playing ? '' : 'paused', ...parts]
    .filter(Boolean).join(' · '));
  byId('health').classList.toggle('bad', counts.some(([, count]) => count));
}

// MARK: The person's keys

byId('show-waterfall').addEventListener('change', event => {
  document.body.classList.toggle('plain', !event.target.checked);
  isChanged = true;
});
byId('show-predicted').addEventListener('change', () => { isChanged = true; });
addEventListener('resize', () => { isChanged = true; });
addEventListener('keydown', event => {
  const isTyping = event.target.matches('input[type=text]');
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = { w: 'show-waterfall', p: 'show-predicted' }[event.key];
  if (box) byId(box).click();
  if (event.key === 's') document.querySelector('summary').click();
  if (event.key === '+') framesAhead = Math.max(8, framesAhead / 1.25);
  if (event.key === '-') framesAhead = Math.min(64, framesAhead * 1.25);
});
