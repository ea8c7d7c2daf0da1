package survey

// FeltFrom is how far up its range a team's displayed mean has to lie for a
// scale of supports to count as felt, as a share of the range: from .625, that
// is from 3.5 on answers from 1 (never) to 5 (always), where more than half of
// the way from "sometimes" to "often" is reached. It is a convention for
// reading, named here and nowhere else, and no norm.
const FeltFrom = 0.625

// PolicyReading lays a policy beside what a team experiences. It is a plain
// reading of two facts and claims no cause.
type PolicyReading string

// The four readings, and the one where a fact is missing.
const (
	InPlaceAndFelt  PolicyReading = "in_place_felt"
	InPlaceUnfelt   PolicyReading = "in_place_unfelt"
	FeltUnwritten   PolicyReading = "felt_unwritten"
	NeitherReading  PolicyReading = "neither"
	ReadingNotKnown PolicyReading = "unknown"
)

// ReadPolicy reads a policy's standing beside a published mean on a scale from
// low to high, on which higher is better; shown says whether there is one. A
// policy that is planned or holds in part is not in place yet. Without an
// answer or without a published mean nothing is read.
func ReadPolicy(standing Standing, shown bool, mean, low, high float64) PolicyReading {
	if standing == "" || !shown || high <= low {
		return ReadingNotKnown
	}
	felt := (mean-low)/(high-low) >= FeltFrom
	switch {
	case standing == InPlace && felt:
		return InPlaceAndFelt
	case standing == InPlace:
		return InPlaceUnfelt
	case felt:
		return FeltUnwritten
	}
	return NeitherReading
}

// PolicyReadings lists the readings in the order in which pages tell them:
// what exists on paper and is not felt comes first.
func PolicyReadings() []PolicyReading {
	return []PolicyReading{InPlaceUnfelt, InPlaceAndFelt, FeltUnwritten, NeitherReading, ReadingNotKnown}
}
