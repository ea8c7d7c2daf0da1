package survey

import "time"

// OpenWave is the public face of a wave: what anybody who opens the answer
// page may know. Nothing in it depends on who asks.
type OpenWave struct {
	ID             WaveID
	State          State
	Manifest       Manifest
	ManifestSHA256 string
	Fingerprint    []string // ten words
	Organisation   string
	Packs          []*Pack
	Contact        string
	Help           Help // the contacts of everybody whom the wave asks
	Owner          string
	ResultsOn      string // YYYY-MM-DD
	Opens          time.Time
	Closes         time.Time
	Zone           *time.Location // the organisation's
}

// Receipt is what a respondent is told after the ballot was committed.
type Receipt struct {
	Wave      WaveID
	Teams     []string // the paths of the teams whose answers are mixed with this ballot
	Headcount int      // people in the group
	Contact   string   // the wave's
	Help      Help     // the contacts of the group's teams
	Replaced  bool     // the code had been used; the new answers replaced the old ones
}
