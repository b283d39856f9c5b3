package rule

import "testing"

func TestEncoding(t *testing.T) {
	expect(t, "encoding",
		"\ufeffversion = 1 # want: byte order mark\n",
		"version = 1\r\ndoc = \"\xff\" # want: 0xff\n",
		"version = 1\r\ndoc = \"é\"\r\n",
	)
}
