package survey

import (
	"bytes"
	"errors"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
)

// What a logo may be, and the box that a larger one is made to fit, in pixels.
const (
	MaxLogoBytes  = 1 << 20 // of the file
	maxLogoSide   = 6000    // pixels
	maxLogoPixels = 6 << 20 // which take 48 MiB at most while they are read
	minLogoSide   = 16      // pixels
	LogoWidth     = 480
	LogoHeight    = 160
)

// Logo is an organisation's picture, made anew by ReadLogo: nothing of the file
// that it came from is in it but what can be seen.
type Logo struct {
	PNG           []byte
	Width, Height int    // pixels
	SHA256        string // of PNG, hex
}

// ReadLogo reads a PNG or JPEG picture and draws it anew as a PNG, made smaller
// where it is larger than LogoWidth × LogoHeight. What a file can carry beside
// its picture (the place where a photograph was taken, comments, a second
// file) does not come along. Files that can hold programs, SVG first of all,
// are refused, and so is what is too large, too small or damaged.
func ReadLogo(raw []byte) (Logo, error) {
	if len(raw) > MaxLogoBytes {
		return Logo{}, Fail(Invalid, "error.logo.big", Args{"mib": MaxLogoBytes >> 20})
	}
	var head func([]byte) (image.Config, error)
	var read func([]byte) (image.Image, error)
	switch {
	case bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n")):
		head = func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) }
		read = func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }
	case bytes.HasPrefix(raw, []byte("\xff\xd8\xff")):
		head = func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) }
		read = func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }
	case bytes.Contains(raw[:min(len(raw), 4096)], []byte("<svg")):
		return Logo{}, Fail(Invalid, "error.logo.svg", nil)
	default:
		return Logo{}, Fail(Invalid, "error.logo.kind", nil)
	}
	damaged := func(err error) (Logo, error) {
		return Logo{}, &Error{Code: Invalid, Key: "error.logo.damaged", Err: err}
	}
	config, err := head(raw) // before any pixel is read
	if err != nil {
		return damaged(err)
	}
	w, h := config.Width, config.Height
	if w > maxLogoSide || h > maxLogoSide || w*h > maxLogoPixels {
		return Logo{}, Fail(Invalid, "error.logo.large", Args{"width": w, "height": h, "most": maxLogoPixels >> 20})
	}
	if w < minLogoSide || h < minLogoSide {
		return Logo{}, Fail(Invalid, "error.logo.small", Args{"width": w, "height": h, "least": minLogoSide})
	}
	picture, err := read(raw)
	if err != nil {
		return damaged(err)
	}
	if picture.Bounds().Dx() != w || picture.Bounds().Dy() != h {
		return damaged(errors.New("its head says another size"))
	}
	flat := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(flat, flat.Bounds(), picture, picture.Bounds().Min, draw.Src)
	small := fitted(flat, LogoWidth, LogoHeight)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, small); err != nil {
		return damaged(err)
	}
	return Logo{PNG: out.Bytes(), Width: small.Rect.Dx(), Height: small.Rect.Dy(), SHA256: SHA256Hex(out.Bytes())}, nil
}

// fitted is a picture as large as fits into a box, in its own proportions, and
// never larger than it is. Each pixel is the mean of those that it stands for.
func fitted(from *image.RGBA, width, height int) *image.RGBA {
	w, h := from.Rect.Dx(), from.Rect.Dy()
	if w <= width && h <= height {
		return from
	}
	if w*height > h*width {
		height = max(1, h*width/w)
	} else {
		width = max(1, w*height/h)
	}
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			mean(from, image.Rect(x*w/width, y*h/height, max((x+1)*w/width, x*w/width+1), max((y+1)*h/height, y*h/height+1)), to.Pix[to.PixOffset(x, y):][:4])
		}
	}
	return to
}

// mean is the mean of the pixels of a part, whose colours are multiplied by
// their alpha already.
func mean(from *image.RGBA, part image.Rectangle, into []uint8) {
	var sum [4]int
	for y := part.Min.Y; y < part.Max.Y; y++ {
		row := from.Pix[from.PixOffset(part.Min.X, y) : from.PixOffset(part.Max.X-1, y)+4]
		for i, v := range row {
			sum[i%4] += int(v)
		}
	}
	count := part.Dx() * part.Dy()
	for i := range into {
		into[i] = uint8((sum[i] + count/2) / count)
	}
}
