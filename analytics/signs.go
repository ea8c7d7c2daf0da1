package analytics

// SignState says what the six-signs page may say of one sign in one wave. The
// items are indicators, not a validated scale.
type SignState string

// The states of a sign.
const (
	SignPresent   SignState = "present"    // two adjacent published waves say so
	SignEmerging  SignState = "emerging"   // the latest published wave is high
	SignNotSeen   SignState = "not_seen"   // it is not
	SignCleared   SignState = "cleared"    // it was present, and two published waves were low
	SignCannotSay SignState = "cannot_say" // not published, and not just now
)

// Thresholds of a sign, means of an item with answers from 1 to 5 (ANALYTICS,
// "Signs of survival mode"). They come from the simulation in simulate.go;
// docs/decisions/signs-thresholds.md has its tables.
const (
	signPresentFew  = 3.1 // n-weighted mean of two waves, where one has fewer than signFewBelow answers
	signPresentMany = 2.9
	signFewBelow    = 10
	signEach        = 2.5  // each of the two waves
	signWithoutOne  = 2.5  // their mean after taking out one person who answered signMost in both
	signMost        = 5    // the highest answer
	signEmerging    = 3.1  // the latest wave, from here on
	signCleared     = 2.75 // two published waves, below
	signHidden      = 1    // hidden waves between two that are still adjacent
	signHeld        = 2    // hidden waves for which a state is held
)

// SignStates gives the state of a sign in every wave. points are the displayed
// means of the sign's observed-team item of one unit, by opening date, as
// Archive.Series gives them.
//
// Once present, a sign stays so until two published waves in a row are low. A
// wave without a figure holds the state of the wave before, at most signHeld
// times; a combined block's wave is always SignCannotSay, and so is every wave
// after the state was lost until the next published one. Where the teams or
// the questions change, everything before is forgotten.
func SignStates(points []Point) []SignState {
	states := make([]SignState, len(points))
	state, before, hidden := SignCannotSay, Cell{}, 0
	for i, p := range points {
		if i > 0 && begins(points, i, nil) {
			state, before, hidden = SignCannotSay, Cell{}, 0
		}
		if !published(p) {
			if hidden++; hidden > signHeld {
				state, before = SignCannotSay, Cell{}
			}
			states[i] = state
			if p.Cell.Status == StatusCombined {
				states[i] = SignCannotSay
			}
			continue
		}
		state = nextSign(state, before, p.Cell, hidden)
		states[i], before, hidden = state, p.Cell, 0
	}
	return states
}

// nextSign is the state in a published wave. before is the last published
// cell, with N 0 for none, hidden the waves between.
func nextSign(state SignState, before, now Cell, hidden int) SignState {
	switch {
	case before.N > 0 && hidden <= signHidden && signPresent(before, now):
		return SignPresent
	case state == SignPresent && (before.Value >= signCleared-same || now.Value >= signCleared-same):
		return SignPresent
	case state == SignPresent:
		return SignCleared
	case now.Value >= signEmerging-same:
		return SignEmerging
	}
	return SignNotSeen
}

// signPresent says whether two adjacent waves show a sign: high enough
// together, none of them low, and not through one person.
func signPresent(a, b Cell) bool {
	n := float64(a.N + b.N)
	total := float64(a.N)*a.Value + float64(b.N)*b.Value
	threshold := signPresentMany
	if min(a.N, b.N) < signFewBelow {
		threshold = signPresentFew
	}
	return total/n >= threshold-same && min(a.Value, b.Value) >= signEach-same &&
		(total-2*signMost)/(n-2) >= signWithoutOne-same
}

// Mode says whether a unit shows survival mode.
type Mode string

// The answers to whether a unit is in survival mode.
const (
	ModeSurvival  Mode = "survival"   // signsForSurvival present, or signsWithSTS while secondary traumatic stress is worse
	ModeOther     Mode = "other"      // not, whatever the signs that are not known may be
	ModeCannotSay Mode = "cannot_say" // the signs that are not known decide
)

// How many signs make survival mode.
const (
	signsForSurvival = 3
	signsWithSTS     = 2 // while secondary traumatic stress is worse
)

// SurvivalMode judges a unit in one wave by the states of its six signs there
// and by the trend of secondary traumatic stress up to it.
func SurvivalMode(signs []SignState, sts Verdict) Mode {
	needed := signsForSurvival
	if sts == VerdictWorse {
		needed = signsWithSTS
	}
	present, unknown := 0, 0
	for _, s := range signs {
		switch s {
		case SignPresent:
			present++
		case SignCannotSay:
			unknown++
		}
	}
	switch {
	case present >= needed:
		return ModeSurvival
	case len(signs) == 0 || present+unknown >= needed:
		return ModeCannotSay
	}
	return ModeOther
}

// SurvivalModes judges every wave. signs holds the states of each sign, sts
// the trend verdict of secondary traumatic stress as of each wave; both may be
// shorter than the others where a series began later, and then end together.
func SurvivalModes(signs [][]SignState, sts []Verdict) []Mode {
	waves := 0
	for _, s := range signs {
		waves = max(waves, len(s))
	}
	modes := make([]Mode, waves)
	for back := range waves { // counted from the latest
		var now []SignState
		for _, s := range signs {
			if back < len(s) {
				now = append(now, s[len(s)-1-back])
			} else {
				now = append(now, SignCannotSay)
			}
		}
		verdict := VerdictCannotSay
		if back < len(sts) {
			verdict = sts[len(sts)-1-back]
		}
		modes[waves-1-back] = SurvivalMode(now, verdict)
	}
	return modes
}
