package survey

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func parsePeople(t testing.TB, file string) ([]PersonRow, []Fault) {
	t.Helper()
	rows, faults, err := ParsePeople(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if len(faults) > 0 && rows != nil {
		t.Error("rows were given although the file has faults")
	}
	return rows, faults
}

// listed writes faults as "line:column key name=value …".
func listed(faults []Fault) []string {
	out := []string{}
	for _, f := range faults {
		text := strings.TrimPrefix(f.Error.Error(), "invalid: error.people.")
		out = append(out, fmt.Sprintf("%d:%d %s", f.Line, f.Column, text))
	}
	return out
}

func TestAStaffListMayBeWrittenTheWaysSpreadsheetsWriteIt(t *testing.T) {
	want := []PersonRow{
		{Line: 2, Email: "ana@example.org", Name: "Ana María Núñez", Unit: "Children / North / Duty team", Language: "es"},
		{Line: 3, Name: `Bo "Bob" Olsen, Jr.; MD`, Unit: "Children", Language: ""},
	}
	const plain = "email,name,unit,language\n" +
		"ana@example.org,Ana María Núñez,Children / North / Duty team,es\n" +
		`,"Bo ""Bob"" Olsen, Jr.; MD",Children,` + "\n"
	for name, file := range map[string]string{
		"plain":                   plain,
		"with a byte order mark":  "\ufeff" + plain,
		"with carriage returns":   strings.ReplaceAll(plain, "\n", "\r\n"),
		"without a last newline":  strings.TrimSuffix(plain, "\n"),
		"with blank rows below":   plain + "\n,,,\n \n, ,\"\",\n\n",
		"with capital columns":    strings.Replace(plain, "email,name,unit,language", " EMAIL, Name ,UNIT,Language", 1),
		"with quoted columns":     strings.Replace(plain, "email,name,unit,language", `"email","name","unit","language"`, 1),
		"with blanks and capital": strings.Replace(plain, "ana@example.org,Ana María Núñez,Children / North / Duty team,es", "  Ana@Example.ORG , \tAna  María\u00a0Núñez ,Children/North  /Duty   team, ES ", 1),
		"with semicolons": "email;name;unit;language\nana@example.org;Ana María Núñez;Children / North / Duty team;es\n" +
			`;"Bo ""Bob"" Olsen, Jr.; MD";"Children";` + "\n",
		"with a comma in a quoted header of semicolons": "\"email\" ; name;unit;language\nana@example.org;Ana María Núñez;Children / North / Duty team;es\n" +
			` ; "Bo ""Bob"" Olsen, Jr.; MD" ;Children;` + "\n",
		"with columns in another order": "language,unit,email,name\nes,Children / North / Duty team,ana@example.org,Ana María Núñez\n" +
			`,Children,,"Bo ""Bob"" Olsen, Jr.; MD"` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			rows, faults := parsePeople(t, file)
			if diff := cmp.Diff(want, rows); diff != "" || len(faults) > 0 {
				t.Errorf("faults %v, rows (-want +got):\n%s", listed(faults), diff)
			}
		})
	}
}

func TestNumbersMayBeWrittenTheWaysPeopleWriteThem(t *testing.T) {
	for _, written := range []string{
		"+353871234567", " +353 87 123 4567 ", "+353-87-123-4567", "+353 (87) 123\u00a04567", "+353\u201187\u2013123 [4567]", `"+353 87 1234567"`,
	} {
		rows, faults := parsePeople(t, "phone,email,name,unit,language\n"+written+",ana@example.org,Ana,North,en\n,,Bo,North,\n")
		want := []PersonRow{
			{Line: 2, Email: "ana@example.org", Name: "Ana", Unit: "North", Language: "en", Phone: "+353871234567", PhoneListed: true},
			{Line: 3, Name: "Bo", Unit: "North", PhoneListed: true},
		}
		if diff := cmp.Diff(want, rows); diff != "" || len(faults) > 0 {
			t.Errorf("%q: faults %v, rows (-want +got):\n%s", written, listed(faults), diff)
		}
	}
	for _, length := range []int{8, 15} { // the shortest and the longest
		if _, faults := parsePeople(t, "email,name,unit,language,phone\n,A,U,,+"+strings.Repeat("4", length)+"\n"); len(faults) > 0 {
			t.Errorf("%d digits: %v", length, listed(faults))
		}
	}
}

func TestBlankLinesAreCountedSoThatFaultsNameTheLineOfTheFile(t *testing.T) {
	_, faults := parsePeople(t, "\n\nemail,name,unit,language\n\nbad,Ana,A,en\n")
	if diff := cmp.Diff([]string{"5:1 email email=bad"}, listed(faults)); diff != "" {
		t.Error(diff)
	}
}

// faultyFiles are staff lists by what is wrong with them.
func faultyFiles() map[string]faultyFile {
	const needed = "email, name, unit, language"
	const known = needed + ", phone"
	const header = "email,name,unit,language\n"
	const numbers = "email,name,unit,language,phone\n"
	long := strings.Repeat("é", 101)
	return map[string]faultyFile{
		"empty file":                    {"", []string{"1:1 empty"}},
		"only a mark":                   {"\ufeff\n", []string{"1:1 empty"}},
		"nobody":                        {header + "\n,,,\n", []string{"1:1 no_rows"}},
		"missing columns":               {"email,unit\na,b\n", []string{"1:1 column_missing column=name known=" + needed, "1:1 column_missing column=language known=" + needed}},
		"separated by tabs":             {"email\tname\nx\ty\n", []string{"1:1 column_unknown column=email name known=" + known, "1:1 column_missing column=email known=" + needed, "1:1 column_missing column=name known=" + needed, "1:1 column_missing column=unit known=" + needed, "1:1 column_missing column=language known=" + needed}},
		"extra column":                  {"email,name,badge,unit,language\na@b.c,A,1,U,en\n", []string{"1:12 column_unknown column=badge known=" + known}},
		"a semicolon in a comma's list": {"email,name,unit,language,tel;fax\n", []string{"1:26 column_unknown column=tel;fax known=" + known}},
		"semicolons in quotes":          {"email,name,unit,language,\"a;b;c;d;e;f\"\n", []string{"1:26 column_unknown column=a;b;c;d;e;f known=" + known}},
		"unnamed column":                {"email,name,unit,language,\na@b.c,A,U,en,\n", []string{"1:26 column_unnamed known=" + known}},
		"column twice":                  {"email,name,unit,language,Name\na@b.c,A,U,en,B\n", []string{"1:26 column_twice column=name"}},
		"hidden in the header":          {"email,na\u200eme,unit,language\n", []string{"1:1 column_missing column=name known=" + needed, "1:7 hidden column=2"}},
		"open quote in header":          {"email,\"name,unit,language\na@b.c,A,U,en\n", []string{"1:7 quote_open"}},
		"header in Latin-1":             {"email,name,unit,language\xe9\nx,y\n", []string{"1:25 not_utf8"}},

		"Latin-1 in rows":        {header + "a@b.c,Ren\xe9,U,en\nb@b.c,Bo,U,en\nc@b.c,\xc9va,U,en\n", []string{"2:10 not_utf8", "4:7 not_utf8"}},
		"UTF-16":                 {"\xff\xfee\x00m\x00", []string{"1:1 not_utf8"}},
		"UTF-16, big end first":  {"\xfe\xff\x00e\x00m", []string{"1:1 not_utf8"}},
		"too few fields":         {header + "a@b.c,A,U\n", []string{"2:1 fields expected=4 fields=3"}},
		"too many fields":        {header + "a@b.c,Olsen, Bo,U,en\n", []string{"2:1 fields expected=4 fields=5"}},
		"unclosed quote":         {header + "a@b.c,\"A,U,en\nb@b,B,U,en\n", []string{"2:7 quote_open", "3:1 email email=b@b"}},
		"text after a quote":     {header + "é@b.c, \"A\" B,U,en\n", []string{"2:12 quote_after"}},
		"no e-mail and no name":  {header + ",,U,en\n", []string{"2:1 nobody"}},
		"same e-mail twice":      {header + "a@b.c,A,U,en\nb@b.c,B,U,en\nA@B.C ,C,V,en\n", []string{"4:1 email_twice email=a@b.c first=2"}},
		"three times":            {header + "a@b.c,A,U,en\na@b.c,B,U,en\na@b.c,C,V,en\n", []string{"3:1 email_twice email=a@b.c first=2", "4:1 email_twice email=a@b.c first=2"}},
		"same name in one unit":  {header + ",A B,U/V,en\nx@y.z,A B,U/V,en\n,A  B,U / V,fr\n,A B,U,en\n", []string{"4:2 name_twice first=2 name=A B unit=U / V"}},
		"numbers":                {numbers + "a@b.c,A,U,en,0871234567\nb@b.c,B,U,en,+353 (0)87x1234567\nc@b.c,C,U,en,+1234567\nd@b.c,D,U,en,+1234567890123456\ne@b.c,E,U,en,+0353871234\n", []string{"2:14 phone", "3:14 phone", "4:14 phone", "5:14 phone", "6:14 phone"}},
		"a number twice":         {numbers + ",A,U,en,+353 87 1234567\nb@b.c,B,U,en,+353871234567\n", []string{"3:14 phone_twice first=2"}},
		"a number turned around": {numbers + "a@b.c,A,U,en,\u202a+353871234567\n", []string{"2:14 hidden column=phone"}},
		"no field for numbers":   {numbers + "a@b.c,A,U,en\n", []string{"2:1 fields expected=5 fields=4"}},
		"unknown language":       {header + "a@b.c,A,U,de\n", []string{"2:11 language known=en, fr, es language=de"}},
		"empty part":             {header + "a@b.c,A,U / / V,en\nb@b.c,B,/U,en\nc@b.c,C,U/,en\n", []string{"2:9 unit_part unit=U / / V", "3:9 unit_part unit=/U", "4:9 unit_part unit=U/"}},
		"seven levels":           {header + "a@b.c,A,1/2/3/4/5/6/7,en\nb@b.c,B,1/2/3/4/5/6,en\n", []string{"2:9 unit_deep most=6 parts=7 unit=1/2/3/4/5/6/7"}},
		"control character":      {header + "a@b.c,A\x07,U,en\n", []string{"2:7 hidden column=name"}},
		"a return inside a line": {header + "a@b.c,A,U\rV,en\n", []string{"2:9 hidden column=unit"}},
		"text turned around":     {header + "a@b.c,A,U\u202eV,en\n", []string{"2:9 hidden column=unit"}},
		"a mark inside":          {header + "\ufeffa@b.c,A,U,en\n", []string{"2:1 hidden column=email"}},
		"a null in the language": {header + "a@b.c,A,U,e\x00n\n", []string{"2:11 hidden column=language"}},
		"long person's name":     {header + "a@b.c," + long + ",U,en\n", []string{"2:7 name_long most=100 name=" + long[:120] + "…"}},
		"long unit name":         {header + "a@b.c,A,U / " + long + ",en\n", []string{"2:9 unit_long most=100 unit=" + long[:120] + "…"}},
		"several in one row":     {header + "a b@c.d,A,U//V,xx\n", []string{"2:1 email email=a b@c.d", "2:11 unit_part unit=U//V", "2:16 language known=en, fr, es language=xx"}},
	}
}

type faultyFile struct {
	file string
	want []string
}

func TestEveryFaultOfAStaffListIsNamedWithItsPlace(t *testing.T) {
	for name, c := range faultyFiles() {
		t.Run(name, func(t *testing.T) {
			_, faults := parsePeople(t, c.file)
			if diff := cmp.Diff(c.want, listed(faults)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A text that misses a fault's argument would show its placeholder.
func TestEveryFaultHasATextWithItsArgumentsInEveryLanguage(t *testing.T) {
	var faults []Fault
	for _, c := range faultyFiles() {
		_, found := parsePeople(t, c.file)
		faults = append(faults, found...)
	}
	for _, c := range []struct {
		key  string
		args Args
	}{
		{"error.people.more", Args{"more": 1, "listed": 1}},
		{"error.people.too_large", Args{"megabytes": 1}},
		{"error.people.too_many_rows", Args{"most": 1}},
		{"error.people.organisation_first", Args{"unit": "", "organisation": ""}},
		{"error.people.no_organisation", nil},
	} {
		faults = append(faults, Fault{Error: Fail(Invalid, c.key, c.args)})
	}
	for _, lang := range PeopleLanguages() {
		raw, err := os.ReadFile("../static/locales/" + lang + "/people.json")
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(raw, &texts); err != nil {
			t.Fatal(err)
		}
		used := make(map[string]bool)
		for _, f := range faults {
			text := texts[f.Error.Key]
			used[f.Error.Key] = true
			for name := range f.Error.Args {
				text = strings.ReplaceAll(text, "{"+name+"}", "x")
			}
			if text == "" || strings.ContainsAny(text, "{}") {
				t.Errorf("%s: %s reads %q", lang, f.Error.Key, text)
			}
		}
		for key := range texts {
			if !used[key] {
				t.Errorf("%s: %s is a text that no fault uses", lang, key)
			}
		}
	}
}

func TestAddressesAreCheckedForSlipsOfTheHandOnly(t *testing.T) {
	file := func(email string) string { return "email,name,unit,language\n\"" + email + "\",A,U,en\n" }
	for _, email := range []string{"a@b.c", "a.b+c@d-e.example.org", "o'neil@example.org", "zoé@exämple.org", strings.Repeat("a", 242) + "@example.org"} {
		if _, faults := parsePeople(t, file(email)); len(faults) > 0 {
			t.Errorf("%q: %v", email, listed(faults))
		}
	}
	for _, email := range []string{"a", "@b.c", "a@", "a@b", "a@@b.c", "a@b@c.d", "a@.c", "a@b.", "a@b .c", "Ana <a@b.c>", "a@b.c;b@b.c", strings.Repeat("a", 243) + "@example.org"} {
		if _, faults := parsePeople(t, file(email)); len(faults) != 1 || faults[0].Error.Key != "error.people.email" {
			t.Errorf("%q: %v, want one fault about the address", email, listed(faults))
		}
	}
}

func manyPeople(n int) string {
	var b strings.Builder
	b.WriteString("email,name,unit,language\n")
	for i := range n {
		fmt.Fprintf(&b, "p%d@example.org,Person %d,Department %d / Team %d,en\n", i, i, i/1000, i/20)
	}
	return b.String()
}

func TestAFileHas50000PeopleAtMost(t *testing.T) {
	full := manyPeople(MaxPeopleRows)
	if rows, faults := parsePeople(t, full+"\n\n"); len(rows) != 50_000 || len(faults) > 0 {
		t.Errorf("%d rows, %v; want 50,000", len(rows), listed(faults))
	}
	_, faults := parsePeople(t, full+"x@example.org,X,U,en\ny@example.org,Y,U,en\nbad,Z,U,en\n")
	if diff := cmp.Diff([]string{"50002:1 too_many_rows most=50000"}, listed(faults)); diff != "" {
		t.Error(diff)
	}
}

func TestOneThousandFaultsAreListedAndTheOthersCounted(t *testing.T) {
	file := "email,name,unit,language\n" + strings.Repeat("bad,A,U,en\n", 1000)
	_, faults := parsePeople(t, file)
	if len(faults) != 1000 || faults[999].Error.Key != "error.people.email" {
		t.Errorf("1,000 faults: %d listed, the last is %v", len(faults), faults[len(faults)-1].Error)
	}
	_, faults = parsePeople(t, file+strings.Repeat("bad,A,U,en\n", 234))
	last := faults[len(faults)-1]
	if len(faults) != 1001 || last.Line != 1002 || last.Error.Error() != "invalid: error.people.more listed=1000 more=234" {
		t.Errorf("1,234 faults: %d listed, the last is %v on line %d", len(faults), last.Error, last.Line)
	}
}

func TestAFileThatIsNoStaffListIsNotReadToItsEnd(t *testing.T) {
	endless := io.MultiReader(strings.NewReader("email,name,unit,language\n"), zeros{})
	_, faults, err := ParsePeople(endless)
	if diff := cmp.Diff([]string{"1:1 too_large megabytes=32"}, listed(faults)); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAReaderThatFailsIsNotAFaultOfTheFile(t *testing.T) {
	rows, faults, err := ParsePeople(iotest.ErrReader(io.ErrUnexpectedEOF))
	if !errors.Is(err, io.ErrUnexpectedEOF) || rows != nil || faults != nil {
		t.Errorf("%v %v %v", rows, faults, err)
	}
}

// A file as a spreadsheet in France writes it, with every kind of mistake.
func TestTheExampleFilesReadAsTheirNamesSay(t *testing.T) {
	for name, want := range map[string]int{"staff.csv": 0, "staff-semicolons.csv": 0, "staff-faults.csv": 11} {
		file, err := os.Open("testdata/people/" + name)
		if err != nil {
			t.Fatal(err)
		}
		rows, faults, err := ParsePeople(file)
		if err := errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
		if len(faults) != want || want == 0 && len(rows) != 6 {
			t.Errorf("%s: %d rows, faults %v; want %d faults", name, len(rows), listed(faults), want)
		}
	}
}

func FuzzParsePeople(f *testing.F) {
	f.Add([]byte("email,name,unit,language\na@b.c,A,U / V,en\n"))
	f.Add([]byte("\ufeffemail;name;unit;language\r\n;\"A;\"\"B\"\"\";U;\r\n"))
	f.Add([]byte("email,name,unit,language\n\"a@b.c,A\n,,,\n,\"\"x,,\n"))
	f.Add([]byte("name,email\n"))
	f.Add([]byte("\xff\xfe"))
	f.Add([]byte("email,name,unit,language\nRen\xe9"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, faults, err := ParsePeople(strings.NewReader(string(data)))
		if err != nil {
			t.Fatal(err)
		}
		if (len(rows) == 0) == (len(faults) == 0) {
			t.Fatalf("%d rows and %d faults", len(rows), len(faults))
		}
		for _, fault := range faults {
			if fault.Line < 1 || fault.Column < 1 {
				t.Fatalf("fault at %d:%d", fault.Line, fault.Column)
			}
		}
		for _, row := range rows {
			if row.Email == "" && row.Name == "" {
				t.Fatal("a person without e-mail and name")
			}
			if row.Unit != strings.Join(SplitPath(row.Unit), PathSeparator) {
				t.Fatalf("the path %q is not clean", row.Unit)
			}
		}
	})
}

func BenchmarkParseAndPlan50000(b *testing.B) {
	file := manyPeople(MaxPeopleRows)
	tree, err := NewTree([]Unit{{ID: "root", Name: "Organisation"}})
	if err != nil {
		b.Fatal(err)
	}
	first := importInto(b, tree, nil, file)
	moved := strings.ReplaceAll(file, "Department 7 ", "Department seven ")
	for b.Loop() {
		rows, faults, err := ParsePeople(strings.NewReader(moved))
		if err != nil || len(faults) > 0 {
			b.Fatal(err, faults)
		}
		if plan, faults := PlanImport(first.tree, first.people, rows, counter("n")); len(faults) > 0 || len(plan.Moves) != 1000 {
			b.Fatalf("%d moves, %v", len(plan.Moves), faults)
		}
	}
}
