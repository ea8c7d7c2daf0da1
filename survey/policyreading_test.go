package survey_test

import (
	"testing"

	"attune/survey"
)

// On answers from 1 to 5 the threshold of .625 lies at 1 + .625·4 = 3.5; on a
// sum from 10 to 50 it lies at 10 + .625·40 = 35.
func TestAPolicyIsReadBesideWhatIsPublished(t *testing.T) {
	for _, c := range []struct {
		name            string
		standing        survey.Standing
		shown           bool
		mean, low, high float64
		want            survey.PolicyReading
	}{
		{"in place, at the threshold", survey.InPlace, true, 3.5, 1, 5, survey.InPlaceAndFelt},
		{"in place, just below", survey.InPlace, true, 3.4, 1, 5, survey.InPlaceUnfelt},
		{"half way and felt", survey.Coming, true, 4, 1, 5, survey.FeltUnwritten},
		{"absent and felt", survey.Absent, true, 4, 1, 5, survey.FeltUnwritten},
		{"planned and not felt", survey.Coming, true, 2, 1, 5, survey.NeitherReading},
		{"a sum at the threshold", survey.InPlace, true, 35, 10, 50, survey.InPlaceAndFelt},
		{"hidden figure", survey.InPlace, false, 0, 1, 5, survey.ReadingNotKnown},
		{"policy not answered", "", true, 4, 1, 5, survey.ReadingNotKnown},
	} {
		if got := survey.ReadPolicy(c.standing, c.shown, c.mean, c.low, c.high); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
