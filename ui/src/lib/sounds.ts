/** Short sounds by oscillator: no file, no network. */

export type SoundName = "accepted" | "unknown" | "expired" | "refused";

/** Frequency and length of each beep, in hertz and milliseconds. */
const BEEPS: Record<SoundName, [hertz: number, ms: number][]> = {
  accepted: [[1320, 60]],
  unknown: [
    [330, 110],
    [330, 110],
  ],
  expired: [
    [262, 110],
    [262, 110],
    [262, 110],
  ],
  refused: [[220, 480]],
};
const PAUSE = 60;
const LOUDNESS = 0.12;

let context: AudioContext | null = null;

function beep(audio: AudioContext, hertz: number, from: number, seconds: number): void {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(LOUDNESS, from);
  gain.gain.exponentialRampToValueAtTime(0.001, from + seconds);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(from);
  oscillator.stop(from + seconds);
}

/** Plays a sound; a machine without sound stays silent. */
export function play(name: SoundName): void {
  try {
    context ??= new AudioContext();
    let from = context.currentTime;
    for (const [hertz, ms] of BEEPS[name]) {
      beep(context, hertz, from, ms / 1000);
      from += (ms + PAUSE) / 1000;
    }
  } catch {
    context = null;
  }
}
