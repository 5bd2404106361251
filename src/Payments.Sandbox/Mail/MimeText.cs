using System.Globalization;
using System.Text;

namespace Payments.Sandbox.Mail;

/// <summary>What a person reads of a message: subject, plain text, HTML (RFC 5322, 2045–2047).</summary>
/// <remarks>Within, a message is Latin-1 text: one character a byte, so that every charset survives until its part is decoded.</remarks>
/// <param name="Date">The product's time of it, or else the Date header's, which its mail client takes from the machine; null when there is neither.</param>
internal sealed record MimeText(string Subject, string? MessageId, DateTimeOffset? Date, string? Text, string? Html)
{
    private const int MaxDepth = 10;
    private const int MaxParts = 200;

    public static MimeText Read(ReadOnlySpan<byte> message)
    {
        var (headers, body) = Part.Split(Encoding.Latin1.GetString(message));
        string? text = null, html = null;
        var parts = 0;
        Collect(new Part(headers, body), 0);
        return new MimeText(
            EncodedWords.Decode(headers.GetValueOrDefault("subject") ?? ""),
            headers.GetValueOrDefault("message-id")?.Trim().Trim('<', '>'),
            DateOf(headers.GetValueOrDefault("x-product-date")) ?? DateOf(headers.GetValueOrDefault("date")),
            text,
            html);

        void Collect(Part part, int depth)
        {
            if (depth > MaxDepth || ++parts > MaxParts)
            {
                return;
            }

            var type = HeaderValue.Read(part.Headers.GetValueOrDefault("content-type") ?? "text/plain");
            if (type.Value.StartsWith("multipart/", StringComparison.Ordinal) && type.Parameters.TryGetValue("boundary", out var boundary))
            {
                foreach (var child in part.Children(boundary))
                {
                    Collect(child, depth + 1);
                }
            }
            else if (!(part.Headers.GetValueOrDefault("content-disposition") ?? "").TrimStart().StartsWith("attachment", StringComparison.OrdinalIgnoreCase))
            {
                // The first of each kind is the message; later ones are footers and forwarded mails.
                switch (type.Value)
                {
                    case "text/plain":
                        text ??= part.Decoded(type);
                        break;
                    case "text/html":
                        html ??= part.Decoded(type);
                        break;
                    default:
                        break;
                }
            }
        }
    }

    /// <summary><c>Mon, 06 Mar 2028 12:00:00 +0200 (CEST)</c>; null when it is no date.</summary>
    private static DateTimeOffset? DateOf(string? header) =>
        DateTimeOffset.TryParse(header?.Split('(')[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out var date) ? date.ToUniversalTime() : null;

    private sealed record Part(Dictionary<string, string> Headers, string Body)
    {
        public static (Dictionary<string, string> Headers, string Body) Split(string part)
        {
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            string? name = null;
            var at = 0;
            while (at < part.Length)
            {
                var end = part.IndexOf('\n', at);
                var line = part[at..(end < 0 ? part.Length : end)].TrimEnd('\r');
                at = end < 0 ? part.Length : end + 1;
                if (line.Length == 0)
                {
                    break;
                }

                if (line[0] is ' ' or '\t' && name is not null)
                {
                    headers[name] += line;
                }
                else if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
                {
                    name = line[..colon].TrimEnd();
                    // Of a header given twice the first counts.
                    name = headers.TryAdd(name, line[(colon + 1)..].Trim()) ? name : null;
                }
            }

            return (headers, part[at..]);
        }

        public IEnumerable<Part> Children(string boundary)
        {
            var pieces = ("\n" + Body).Split("\n--" + boundary);
            // Before the first boundary stands a word to programs that know no MIME.
            foreach (var piece in pieces.Skip(1))
            {
                if (piece.StartsWith("--", StringComparison.Ordinal))
                {
                    yield break;
                }

                var (headers, body) = Split(piece[(piece.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
                // The line break before a boundary belongs to the boundary.
                yield return new Part(headers, body.EndsWith('\r') ? body[..^1] : body);
            }
        }

        public string Decoded(HeaderValue type)
        {
            var bytes = (Headers.GetValueOrDefault("content-transfer-encoding") ?? "").Trim().ToUpperInvariant() switch
            {
                "BASE64" => TransferEncodings.Base64(Body),
                "QUOTED-PRINTABLE" => TransferEncodings.QuotedPrintable(Body, underscoreIsSpace: false),
                _ => Encoding.Latin1.GetBytes(Body),
            };
            return Charsets.Decode(type.Parameters.GetValueOrDefault("charset") ?? "utf-8", bytes).ReplaceLineEndings("\n");
        }
    }

    /// <summary><c>text/html; charset="utf-8"</c></summary>
    private sealed record HeaderValue(string Value, Dictionary<string, string> Parameters)
    {
        public static HeaderValue Read(string header)
        {
            var pieces = header.Split(';');
            var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (var piece in pieces.Skip(1))
            {
                if (piece.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                {
                    parameters.TryAdd(piece[..equals].Trim(), piece[(equals + 1)..].Trim().Trim('"'));
                }
            }

            return new HeaderValue(pieces[0].Trim().ToLowerInvariant(), parameters);
        }
    }
}

internal static class TransferEncodings
{
    public static byte[] Base64(string text)
    {
        var digits = new string([.. text.Where(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/')]);
        // A cut-off end is dropped, and padding is ours to set, so this always decodes.
        digits = digits.Length % 4 == 1 ? digits[..^1] : digits;
        return Convert.FromBase64String(digits.PadRight((digits.Length + 3) / 4 * 4, '='));
    }

    public static byte[] QuotedPrintable(string text, bool underscoreIsSpace)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '=' && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                bytes.Add(value);
                i += 2;
            }
            else if (text[i] == '=' && LineBreakAt(text, i + 1) is > 0 and var length)
            {
                i += length;
            }
            else
            {
                bytes.Add((byte)(underscoreIsSpace && text[i] == '_' ? ' ' : text[i]));
            }
        }

        return [.. bytes];
    }

    private static int LineBreakAt(string text, int at)
        => at < text.Length && text[at] == '\n' ? 1 : at + 1 < text.Length && text[at] == '\r' && text[at + 1] == '\n' ? 2 : 0;
}

internal static class Charsets
{
    public static string Decode(string name, byte[] bytes)
    {
        try
        {
            return Encoding.GetEncoding(name).GetString(bytes);
        }
        catch (ArgumentException)
        {
            // A charset nobody here knows: UTF-8 shows at least its ASCII.
            return Encoding.UTF8.GetString(bytes);
        }
    }
}

/// <summary><c>=?utf-8?B?…?=</c> in headers (RFC 2047).</summary>
internal static class EncodedWords
{
    public static string Decode(string header)
    {
        var result = new StringBuilder();
        // Neighbouring words of one charset are joined before decoding: senders cut them in the middle of a character.
        var (pendingCharset, pending) = ("", new List<byte>());
        var at = 0;
        while (at < header.Length)
        {
            var start = header.IndexOf("=?", at, StringComparison.Ordinal);
            if (start < 0 || Word(header, start) is not var (charset, bytes, end))
            {
                var plainEnd = start < 0 ? header.Length : start + 2;
                Flush();
                result.Append(Plain(header[at..plainEnd]));
                at = plainEnd;
                continue;
            }

            var between = header[at..start];
            if (pending.Count > 0 && !string.IsNullOrWhiteSpace(between) || !string.Equals(charset, pendingCharset, StringComparison.OrdinalIgnoreCase))
            {
                Flush();
            }

            // White space between two words is not part of the text.
            if (!(string.IsNullOrWhiteSpace(between) && LastWasWord(at)))
            {
                result.Append(Plain(between));
            }

            pendingCharset = charset;
            pending.AddRange(bytes);
            at = end;
        }

        Flush();
        return result.ToString();

        bool LastWasWord(int position) => position >= 2 && header.AsSpan(position - 2, 2) is "?=";

        void Flush()
        {
            result.Append(Charsets.Decode(pendingCharset.Length == 0 ? "utf-8" : pendingCharset, [.. pending]));
            pending.Clear();
        }
    }

    private static (string Charset, byte[] Bytes, int End)? Word(string header, int start)
    {
        var charsetEnd = header.IndexOf('?', start + 2);
        if (charsetEnd < 0 || charsetEnd + 2 >= header.Length || header[charsetEnd + 2] != '?')
        {
            return null;
        }

        var end = header.IndexOf("?=", charsetEnd + 3, StringComparison.Ordinal);
        if (end < 0)
        {
            return null;
        }

        var text = header[(charsetEnd + 3)..end];
        byte[]? bytes = header[charsetEnd + 1] switch
        {
            'B' or 'b' => TransferEncodings.Base64(text),
            'Q' or 'q' => TransferEncodings.QuotedPrintable(text, underscoreIsSpace: true),
            _ => null,
        };
        // RFC 2231 lets a language follow the charset: utf-8*en
        return bytes is null ? null : (header[(start + 2)..charsetEnd].Split('*')[0], bytes, end + 2);
    }

    // Unencoded headers are ASCII, or UTF-8 where the sender used SMTPUTF8.
    private static string Plain(string latin1) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(latin1));
}
