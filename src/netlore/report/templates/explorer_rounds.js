// The rounds of a refinement, one after another: 0 stands for all rounds together.

const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const PAUSE = 1200; // milliseconds that a round stays when the rounds are played
let playing = 0;

function setRound(round) {
  const rounds = state.group.rounds ?? [];
  state.round = clamp(round, 0, rounds.length);
  showRounds();
  refresh(true);
  drawIntervals();
}

function showRounds() {
  const rounds = state.group.rounds ?? [], slider = part("round");
  part("rounds").hidden = rounds.length === 0;
  if (!rounds.length) return;
  slider.max = rounds.length;
  slider.value = state.round;
  const text = state.round ? `round ${rounds[state.round - 1].number} of ${rounds.length}` : "all rounds";
  slider.setAttribute("aria-valuetext", text);
  part("round-text").textContent = text;
  part("previous").disabled = state.round === 0;
  part("next").disabled = state.round === rounds.length;
}

// Rounds that play by themselves are motion: there is no button for who asked for less of it.
function offerPlay() {
  part("play").hidden = still.matches;
  if (still.matches) stopPlaying();
}

function play() {
  if (playing) return stopPlaying();
  part("play").textContent = "Pause";
  const last = state.group.rounds.length;
  setRound(state.round >= last ? 1 : state.round + 1);
  playing = window.setInterval(() => {
    if (state.round >= last) stopPlaying();
    else setRound(state.round + 1);
  }, PAUSE);
  return undefined;
}

function stopPlaying() {
  window.clearInterval(playing);
  playing = 0;
  part("play").textContent = "Play";
}

// Which networks belong to what is shown: of the round, or of all rounds up to it.
function showsRow(row) {
  if (state.round === 0) return true;
  const number = state.group.rounds[state.round - 1].number, own = state.group.round[row];
  return state.upTo ? own <= number : own === number;
}

function wireRounds() {
  part("round").addEventListener("input", (event) => { stopPlaying(); setRound(Number(event.target.value)); });
  part("previous").addEventListener("click", () => { stopPlaying(); setRound(state.round - 1); });
  part("next").addEventListener("click", () => { stopPlaying(); setRound(state.round + 1); });
  part("play").addEventListener("click", play);
  part("up-to").addEventListener("change", (event) => { state.upTo = event.target.checked; refresh(true); });
  still.addEventListener("change", offerPlay);
  offerPlay();
}
