package survey

import "path"

// ClientFile is one browser bundle that respondents' pages load.
type ClientFile struct {
	Name   string // "ticket.js"
	SHA256 string // of Body, hex
	Body   []byte
}

// Path is the address that the file is served at. The first twelve digits of
// its hash stand in it, so that another content has another address.
func (f ClientFile) Path() string { return path.Join("/static", f.SHA256[:12], f.Name) }

// ClientFiles are the names of the bundles that a promise covers: everything
// that runs on a respondent's phone, sorted.
func ClientFiles() []string {
	return []string{"collect.js", "kiosk.js", "link.js", "past.js", "phone.js", "ticket.js", "worker.js"}
}

// ClientSHA256 is what a manifest says about the program on the phone: the
// SHA-256 of the canonical JSON object {name: SHA-256 of the file, hex}. It is
// empty when there are no files.
func ClientSHA256(sums map[string]string) (string, error) {
	if len(sums) == 0 {
		return "", nil
	}
	raw, err := Canonical(sums)
	if err != nil {
		return "", err
	}
	return SHA256Hex(raw), nil
}

// ClientOf takes the promised bundles out of everything that is served: body
// gives an asset by its name, and an error for one that this program does not
// have, which is left out.
func ClientOf(body func(name string) ([]byte, error)) []ClientFile {
	var files []ClientFile
	for _, name := range ClientFiles() {
		if raw, err := body(name); err == nil {
			files = append(files, ClientFile{Name: name, SHA256: SHA256Hex(raw), Body: raw})
		}
	}
	return files
}

// ClientSums lists the hashes of files by name, as ClientSHA256 wants them.
func ClientSums(files []ClientFile) map[string]string {
	sums := make(map[string]string, len(files))
	for _, f := range files {
		sums[f.Name] = f.SHA256
	}
	return sums
}
