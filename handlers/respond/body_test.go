package respond

import (
	"encoding/json"
	"reflect"
	"testing"

	"attune/survey"
)

func FuzzParseBallot(f *testing.F) {
	for _, seed := range []string{
		"", "{}", "null", "[]", `{"wave":"2026-11","group":"g","input":"AA==","output":"AA==","sheet":""}`,
		`{"wave":"2026-11"}{}`, `{"wave":"2026-11"} `, `{"name":"x"}`, `{"input":"!"}`, "{\"wave\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		ballot, fault := parseJSON[survey.TicketBallot](raw)
		if fault != nil {
			if fault.status != 400 || fault.key == "" || !reflect.DeepEqual(ballot, survey.TicketBallot{}) {
				t.Fatalf("a fault without status or words, or with half a ballot: %+v %+v", fault, ballot)
			}
			return
		}
		if len(ballot.Input)+len(ballot.Output)+len(ballot.Sheet) > len(raw) {
			t.Fatalf("%d bytes became more", len(raw))
		}
		again, err := json.Marshal(ballot)
		if err != nil {
			t.Fatal(err)
		}
		back, fault := parseJSON[survey.TicketBallot](again)
		if fault != nil || back.Wave != ballot.Wave || back.Group != ballot.Group || string(back.Sheet) != string(ballot.Sheet) {
			t.Fatalf("%s came back as %+v, %+v", again, back, fault)
		}
	})
}
