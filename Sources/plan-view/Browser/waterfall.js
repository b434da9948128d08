// The waterfall: the plan falls towards the line that is now; what was played lies below it.

const canvas = document.querySelector('canvas');
const pen = canvas.getContext('2d');
const stillness = matchMedia('(prefers-reduced-motion: reduce)');
const light = matchMedia('(prefers-color-scheme: light)');

let colours = {};
let hatch = null;
let framesAhead = 20;
// The frame on the line that is now, with its fraction. It follows the ticks smoothly.
let frameNow = 0;
let drawnAt = 0;

function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ['ground', 'raised', 'line', 'faint', 'text', 'quiet', 'agent', 'person',
    'predicted', 'boundary', 'white-key', 'black-key']) {
    colours[name] = style.getPropertyValue('--' + name).trim();
  }
  const tile = document.createElement('canvas');
  tile.width = tile.height = 12;
  const ink = tile.getContext('2d');
  ink.strokeStyle = colours.agent;
  ink.lineWidth = 2.5;
  for (const offset of [-12, 0, 12]) {
    ink.moveTo(offset - 2, 14);
    ink.lineTo(offset + 14, -2);
  }
  ink.stroke();
  hatch = pen.createPattern(tile, 'repeat');
  isChanged = true;
}

// MARK: Movement

// Moves frameNow on from the last drawing to a time in milliseconds.
function advance(now) {
  const elapsed = Math.min(now - drawnAt, 250);
  drawnAt = now;
  const { frame, frameLength } = jam.now;
  if (frame === null) return;
  const isMoving = jam.status.playing && !jam.status.ended && isConnected;
  const begun = frame - jam.view.offset / frameLength;
  // Where the next tick is late, the waterfall waits for it.
  const target = begun + (isMoving ? Math.min((now - jam.tickedAt) / frameLength, 1.1) : 0);
  if (stillness.matches) {
    frameNow = Math.round(begun);
    return;
  }
  if (Math.abs(target - frameNow) > 6) frameNow = target;
  if (isMoving) frameNow += elapsed / frameLength;
  frameNow += (target - frameNow) * Math.min(1, elapsed / 160);
}

function draw(now) {
  requestAnimationFrame(draw);
  advance(now);
  if (isChanged || frameShown() !== wordsFrame) showWords();
  if (byId('show-waterfall').checked && (isChanged || !jam.status.ended)) drawWaterfall();
  isChanged = false;
}

// MARK: Layout

const isBlack = pitch => [1, 3, 6, 8, 10].includes(pitch % 12);

// Where things are, in CSS pixels.
function layout() {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const [lowest, highest] = width < 640 ? [36, 84] : width < 1100 ? [36, 96] : [33, 98];
  const gutter = Math.max(64, Math.min(150, width * 0.11));
  const keysHeight = Math.max(34, Math.min(80, height * 0.15));
  const nowY = Math.round((height - keysHeight) * 0.76);
  const whites = [];
  for (let pitch = lowest; pitch <= highest; pitch += 1) if (!isBlack(pitch)) whites.push(pitch);
  const keyWidth = (width - gutter - 8) / whites.length;
  const x = pitch => {
    let shown = pitch;
    while (shown < lowest) shown += 12;
    while (shown > highest) shown -= 12;
    const below = whites.findLastIndex(white => white <= shown);
    return isBlack(shown)
      ? { x: gutter + (below + 1) * keyWidth - keyWidth * 0.32, width: keyWidth * 0.64 }
      : { x: gutter + below * keyWidth + 1, width: keyWidth - 2 };
  };
  const scale = nowY / framesAhead;
  return {
    width, height, gutter, keysHeight, keysY: height - keysHeight, nowY, whites, keyWidth, x, scale,
    lowest, highest, y: frame => nowY - (frame - frameNow) * scale,
    framesBehind: (height - keysHeight - nowY) / scale,
  };
}

// The pitches of a chord: the bass in the lowest octave, the other notes around middle C.
function voicing({ classes: [bass, ...others] }) {
  if (bass === undefined) return [];
  const shifted = pitchClass => (pitchClass + jam.view.transpose + 24) % 12;
  return [36 + shifted(bass), ...others.map(c => 55 + (shifted(c) + 5) % 12)];
}

// MARK: Drawing

function drawWaterfall() {
  const density = Math.min(devicePixelRatio || 1, 3);
  const place = layout();
  if (place.width < 50 || place.height < 50) return;
  const [width, height] = [place.width, place.height].map(size => Math.round(size * density));
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  pen.setTransform(density, 0, 0, density, 0, 0);
  pen.fillStyle = colours.ground;
  pen.fillRect(0, 0, place.width, place.height);
  drawBars(place);
  for (const chord of jam.plan.chords) drawChord(place, chord);
  if (byId('show-predicted').checked) drawPredicted(place);
  for (const note of jam.notes.values()) drawPlayed(place, note);
  drawBoundary(place);
  drawNow(place);
  drawKeys(place);
}

// A line for each bar, with its number, and a faint one for each other beat.
function drawBars(place) {
  const [first, last] = [Math.floor(frameNow - place.framesBehind), frameNow + framesAhead];
  pen.font = '600 13px system-ui, sans-serif';
  pen.textAlign = 'right';
  for (const bar of jam.bars) {
    for (const frame of bar.beats) {
      if (frame < first || frame > last) continue;
      const isBar = frame === bar.from;
      pen.fillStyle = isBar ? colours.line : colours.faint;
      const y = place.y(frame);
      pen.fillRect(0, y - (isBar ? 1 : 0.5), place.width, isBar ? 2 : 1);
      if (!isBar) continue;
      pen.fillStyle = colours.quiet;
      pen.fillText(String(bar.number), place.width - 8, y - 5);
    }
  }
}

function drawChord(place, chord) {
  const [top, bottom] = [place.y(chord.to) + 2, place.y(chord.from) - 1];
  if (bottom < 0 || top > place.keysY) return;
  const isNow = sounds(chord, frameNow);
  const isPast = chord.to <= frameNow;
  // The end of a committed chord may still change.
  const limit = place.y(jam.plan.commit ?? chord.to);
  pen.globalAlpha = isPast ? 0.35 : 1;
  for (const pitch of voicing(chord)) {
    const { x, width } = place.x(pitch);
    drawBlock(x, top, width, Math.min(bottom, limit) - top, false);
    drawBlock(x, Math.max(top, limit), width, bottom - Math.max(top, limit), true);
  }
  const size = Math.max(17, Math.min(34, place.gutter * 0.27));
  pen.fillStyle = isNow ? colours.agent : colours.text;
  pen.font = `700 ${size}px system-ui, sans-serif`;
  pen.textAlign = 'left';
  const label = (chord.committed ? '■ ' : '□ ') + chord.name;
  // The name of the chord that sounds stays above the line that is now.
  const y = isNow ? place.nowY - 8 : bottom - 8;
  const isFree = isNow || isPast || y < place.nowY - 10 - size;
  if (bottom - top > 10 && isFree) pen.fillText(label, 10, y, place.gutter + place.keyWidth * 2);
  pen.globalAlpha = 1;
}

// Committed: solid. Tentative: hatched, with an outline.
function drawBlock(x, y, width, height, isCommitted) {
  if (height <= 0) return;
  pen.fillStyle = isCommitted ? colours.agent : hatch;
  pen.fillRect(x, y, width, height);
  if (isCommitted) return;
  pen.strokeStyle = colours.agent;
  pen.lineWidth = 2;
  pen.strokeRect(x + 1, y + 1, width - 2, Math.max(height - 2, 1));
}

function drawPredicted(place) {
  pen.strokeStyle = colours.predicted;
  pen.lineWidth = 2;
  pen.setLineDash([2, 4]);
  pen.lineCap = 'round';
  for (const note of jam.plan.melody) {
    const from = Math.max(note.from, frameNow);
    if (note.to <= from) continue;
    const { x, width } = place.x(note.pitch + jam.view.transpose);
    const [top, bottom] = [place.y(note.to) + 3, place.y(from) - 2];
    pen.beginPath();
    pen.roundRect(x + 1, top, width - 2, Math.max(bottom - top, 2), width / 2);
    pen.globalAlpha = 0.22;
    pen.fillStyle = colours.predicted;
    pen.fill();
    pen.globalAlpha = 0.9;
    pen.stroke();
  }
  pen.globalAlpha = 1;
  pen.setLineDash([]);
  pen.lineCap = 'butt';
}

function drawPlayed(place, note) {
  const [top, bottom] = [place.nowY, place.y(note.from)];
  const end = note.to === null ? top : Math.max(place.y(note.to), top);
  if (end > place.keysY || bottom <= top) return;
  const { x, width } = place.x(note.pitch + jam.view.transpose);
  pen.beginPath();
  pen.roundRect(x - 1, end, width + 2, Math.max(bottom - end, 6), (width + 2) / 2);
  pen.fillStyle = colours.person;
  pen.fill();
  pen.strokeStyle = colours.ground;
  pen.lineWidth = 2;
  pen.stroke();
}

function drawBoundary(place) {
  if (jam.plan.commit === null || jam.status.ended) return;
  const y = place.y(jam.plan.commit);
  if (y < 0 || y > place.nowY) return;
  pen.strokeStyle = colours.boundary;
  pen.lineWidth = 2;
  pen.setLineDash([10, 7]);
  pen.beginPath();
  pen.moveTo(0, y);
  pen.lineTo(place.width, y);
  pen.stroke();
  pen.setLineDash([]);
  pen.font = '600 13px system-ui, sans-serif';
  pen.fillStyle = colours.boundary;
  pen.textAlign = 'right';
  pen.fillText('committed up to here', place.width - 34, y - 5);
}

function drawNow(place) {
  pen.fillStyle = colours.text;
  pen.fillRect(0, place.nowY - 2, place.width, 4);
}

// MARK: The keyboard

// Marks a key that sounds: a circle for the person, a square for the agent.
function drawMark(colour, x, y) {
  if (!colour) return;
  pen.fillStyle = '#14181d';
  pen.beginPath();
  if (colour === colours.person) pen.arc(x, y, 4.5, 0, 2 * Math.PI);
  else pen.rect(x - 4, y - 4, 8, 8);
  pen.fill();
}

function drawKeys(place) {
  const lit = new Map();
  const chord = jam.plan.chords.find(chord => sounds(chord, frameNow));
  if (chord && !jam.status.ended) for (const pitch of voicing(chord)) lit.set(pitch, colours.agent);
  for (const note of jam.notes.values()) {
    if (note.to === null) lit.set(note.pitch + jam.view.transpose, colours.person);
  }
  pen.fillStyle = colours.ground;
  pen.fillRect(0, place.keysY, place.width, place.keysHeight);
  for (const pitch of place.whites) drawWhiteKey(place, pitch, lit.get(pitch));
  for (let pitch = place.lowest; pitch <= place.highest; pitch += 1) {
    if (isBlack(pitch)) drawBlackKey(place, pitch, lit.get(pitch));
  }
}

function drawWhiteKey(place, pitch, colour) {
  const { x, width } = place.x(pitch);
  pen.fillStyle = colour ?? colours['white-key'];
  pen.fillRect(x, place.keysY, width, place.keysHeight);
  drawMark(colour, x + width / 2, place.keysY + place.keysHeight * 0.72);
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.strokeRect(x, place.keysY, width, place.keysHeight);
  if (pitch % 12) return;
  pen.fillStyle = '#14181d';
  pen.font = '600 11px system-ui, sans-serif';
  pen.textAlign = 'center';
  pen.fillText(`C${pitch / 12 - 1}`, x + width / 2, place.height - 6);
}

function drawBlackKey(place, pitch, colour) {
  const { x, width } = place.x(pitch);
  pen.fillStyle = colour ?? colours['black-key'];
  pen.fillRect(x, place.keysY, width, place.keysHeight * 0.6);
  drawMark(colour, x + width / 2, place.keysY + place.keysHeight * 0.45);
  pen.strokeStyle = colours.ground;
  pen.strokeRect(x, place.keysY, width, place.keysHeight * 0.6);
}

light.addEventListener('change', readColours);
readColours();
connect();
requestAnimationFrame(draw);
