package survey

import "testing"

// OnePackReader is ReadPack with a schema that is compiled once: a fuzz test
// would otherwise spend its time on the schema.
func OnePackReader() (func(data []byte) (*Pack, []Fault, error), error) {
	reader, err := newPackReader()
	if err != nil {
		return nil, err
	}
	return reader.read, nil
}

// Versions are compared by number: as text, 1.10 would come before 1.9.
func TestVersionsAreOrderedByNumber(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		older bool
	}{
		{"1.9", "1.10", true},
		{"1.10", "1.9", false},
		{"9.0", "10.0", true},
		{"1.5", "2.0", true},
		{"2.0", "2.0", false},
	} {
		if got := olderVersion(c.a, c.b); got != c.older {
			t.Errorf("olderVersion(%s, %s) = %t, want %t", c.a, c.b, got, c.older)
		}
	}
}
