package respond

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAFormIsReadAsItWasSent(t *testing.T) {
	f, fault := parseForm("code=a7k0+1&step=code&x_1=3&y=")
	if fault != nil || f.code != "a7k0 1" || f.step != "code" || f.answers["x_1"] != "3" || len(f.answers) != 2 {
		t.Errorf("read %+v, %+v", f, fault)
	}
	if _, err := f.sheet(); err == nil {
		t.Error("an empty answer was taken for a value")
	}
}

func TestALongCodeIsCutAndNeverSplitsALetter(t *testing.T) {
	f, fault := parseForm("code=" + strings.Repeat("é", 40))
	if fault != nil || len(f.code) > maxCode || !utf8.ValidString(f.code) {
		t.Errorf("code %q, %+v", f.code, fault)
	}
}

func FuzzParseForm(f *testing.F) {
	for _, seed := range []string{"", "code=a7k0&x=1", "step=code&code=A", "a=1&a=2", "a=%ff", "%zz", "a;b=1", "code=" + strings.Repeat("é", 64)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		form, fault := parseForm(raw)
		if fault != nil {
			if fault.status < 400 || fault.key == "" {
				t.Fatalf("a fault without status or words: %+v", fault)
			}
			return
		}
		if len(form.code) > maxCode || !utf8.ValidString(form.code) || len(form.answers) > maxFields {
			t.Fatalf("beyond its bounds: %+v", form)
		}
		for name, value := range form.answers {
			if name == codeField || name == stepField || len(value) > maxValue || !utf8.ValidString(value) {
				t.Fatalf("answer %q = %q", name, value)
			}
		}
		sheet, err := form.sheet()
		if err == nil && len(sheet) != len(form.answers) {
			t.Fatalf("%d answers became %d", len(form.answers), len(sheet))
		}
	})
}
