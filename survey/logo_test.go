package survey_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"attune/survey"
)

// drawn is a picture whose left half is red and whose right half is seen
// through, as a PNG.
func drawn(t testing.TB, width, height int) []byte {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width / 2 {
			picture.SetNRGBA(x, y, color.NRGBA{R: 200, A: 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// chunk writes a part of a PNG: its length, name, content and checksum.
func chunk(name string, content []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	b = append(append(b, name...), content...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// headed is a PNG that says it is as large as that and ends there.
func headed(width, height uint32) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	return append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 6, 0, 0, 0))...)
}

func photograph(t testing.TB, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestALogoIsDrawnAnewSoThatNothingHiddenComesAlong(t *testing.T) {
	const hidden = "GPS 48.8584 N <script>alert(1)</script>"
	// A PNG with a comment before its pixels and a second file behind its end; a
	// JPEG with the segment (APP1) in which cameras write where they were.
	whole := drawn(t, 40, 20)
	secret := append(append(append([]byte{}, whole[:33]...), chunk("tEXt", []byte("Comment\x00"+hidden))...), whole[33:]...)
	secret = append(secret, "PK\x03\x04"+hidden...)
	shot := photograph(t, 40, 20)
	app1 := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(2+6+len(hidden)))
	shot = append(append(append(append([]byte{}, shot[:2]...), app1...), "Exif\x00\x00"+hidden...), shot[2:]...)
	for name, raw := range map[string][]byte{"PNG": secret, "JPEG": shot} {
		if !bytes.Contains(raw, []byte(hidden)) {
			t.Fatalf("%s: nothing is hidden in the file", name)
		}
		logo, err := survey.ReadLogo(raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if bytes.Contains(logo.PNG, []byte(hidden)) || bytes.Contains(logo.PNG, []byte("tEXt")) || !bytes.HasPrefix(logo.PNG, []byte("\x89PNG")) {
			t.Errorf("%s: more than the picture came along: %q", name, logo.PNG)
		}
		if logo.Width != 40 || logo.Height != 20 {
			t.Errorf("%s: %d × %d, want 40 × 20", name, logo.Width, logo.Height)
		}
	}
}

func TestALargeLogoIsMadeToFitInItsProportionsAndColours(t *testing.T) {
	for _, c := range []struct{ width, height, toWidth, toHeight int }{
		{480, 160, 480, 160},
		{960, 160, 480, 80}, // half as wide, so half as high
		{400, 800, 80, 160}, // a fifth
		{6000, 16, 480, 1},  // 16 × 480 / 6000 = 1.28
		{800, 800, 160, 160},
	} {
		logo, err := survey.ReadLogo(drawn(t, c.width, c.height))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(logo.PNG))
		if err != nil {
			t.Fatal(err)
		}
		if b := picture.Bounds(); b.Dx() != c.toWidth || b.Dy() != c.toHeight || logo.Width != c.toWidth || logo.Height != c.toHeight {
			t.Errorf("%d × %d became %v, said %d × %d, want %d × %d", c.width, c.height, b, logo.Width, logo.Height, c.toWidth, c.toHeight)
		}
		left, right := color.NRGBAModel.Convert(picture.At(0, 0)), color.NRGBAModel.Convert(picture.At(c.toWidth-1, c.toHeight-1))
		if left != (color.NRGBA{R: 200, A: 255}) || right.(color.NRGBA).A != 0 {
			t.Errorf("%d × %d: %v on the left and %v on the right, want red and nothing", c.width, c.height, left, right)
		}
	}
}

func TestWhatIsNoLogoIsRefusedWithItsReason(t *testing.T) {
	for _, c := range []struct {
		name string
		raw  []byte
		key  string
	}{
		{"nothing", nil, "error.logo.kind"},
		{"SVG", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "error.logo.svg"},
		{"HTML", []byte("<!doctype html><script>alert(1)</script>"), "error.logo.kind"},
		{"GIF", []byte("GIF89a\x01\x00\x01\x00"), "error.logo.kind"},
		{"a file of more than a mebibyte", append(drawn(t, 40, 20), make([]byte, survey.MaxLogoBytes)...), "error.logo.big"},
		{"a side of more than 6,000 pixels", headed(6001, 16), "error.logo.large"},
		{"sides whose product does not fit a number of 64 bits", headed(1<<31-1, 1<<31-1), "error.logo.damaged"},
		{"36 million pixels in 60 bytes", headed(6000, 6000), "error.logo.large"},
		{"fewer than 16 pixels high", drawn(t, 400, 15), "error.logo.small"},
		{"half a PNG", drawn(t, 40, 20)[:60], "error.logo.damaged"},
		{"the head of a PNG", []byte("\x89PNG\r\n\x1a\n"), "error.logo.damaged"},
		{"half a JPEG", photograph(t, 40, 20)[:200], "error.logo.damaged"},
	} {
		if logo, err := survey.ReadLogo(c.raw); !survey.IsKey(err, c.key) || logo.PNG != nil {
			t.Errorf("%s: %v, want %s", c.name, err, c.key)
		}
	}
}

func FuzzReadLogo(f *testing.F) {
	f.Add(drawn(f, 40, 20))
	f.Add(photograph(f, 40, 20))
	f.Add(headed(6000, 6000))
	f.Add([]byte("<svg"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		logo, err := survey.ReadLogo(raw)
		if err != nil {
			return
		}
		config, err := png.DecodeConfig(bytes.NewReader(logo.PNG))
		if err != nil || config.Width != logo.Width || config.Height != logo.Height || logo.Width > survey.LogoWidth || logo.Height > survey.LogoHeight {
			t.Fatalf("%d × %d: %v, %v", logo.Width, logo.Height, config, err)
		}
		again, err := survey.ReadLogo(logo.PNG)
		if small := survey.IsKey(err, "error.logo.small"); !small && (err != nil || !bytes.Equal(again.PNG, logo.PNG)) {
			t.Fatalf("drawn twice it is another picture: %v", err)
		}
	})
}
