using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;

namespace Payments.Sandbox.Mail;

/// <summary>One client's conversation (RFC 5321).</summary>
internal sealed class SmtpSession(TcpClient client, MailCatcherOptions options, Func<Envelope, SmtpVerdict> receive)
{
    private const int MaxCommandBytes = 4096;
    private const int MaxRecipients = 100;
    private const int MaxMistakes = 20;

    private readonly NetworkStream stream = client.GetStream();
    private string? sender;
    private List<string> recipients = [];
    private int mistakes;
    private bool greeted;

    public async Task RunAsync(CancellationToken ct)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        await SayAsync("220 localhost Payments sandbox mail catcher", ct);
        try
        {
            while (await ReadLineAsync(reader, ct) is { } line)
            {
                if (!await AnswerAsync(reader, line, ct))
                {
                    return;
                }

                if (mistakes >= MaxMistakes)
                {
                    await SayAsync("421 Too many mistakes", ct);
                    return;
                }
            }
        }
        catch (TimeoutException)
        {
            await SayAsync("421 Too long silent", ct);
        }
        catch (InvalidDataException tooLong)
        {
            await SayAsync($"500 {tooLong.Message}", ct);
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    /// <summary>False ends the conversation.</summary>
    private async Task<bool> AnswerAsync(PipeReader reader, string line, CancellationToken ct)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var verb = (space < 0 ? line : line[..space]).ToUpperInvariant();
        var rest = space < 0 ? "" : line[(space + 1)..].Trim();
        switch (verb)
        {
            case "EHLO":
                Reset();
                greeted = true;
                await SayAsync($"250-localhost\r\n250-SIZE {options.MaxMessageBytes.ToString(CultureInfo.InvariantCulture)}\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 SMTPUTF8", ct);
                return true;
            case "HELO":
                Reset();
                greeted = true;
                await SayAsync("250 localhost", ct);
                return true;
            case "MAIL":
                await SayAsync(Mail(rest), ct);
                return true;
            case "RCPT":
                await SayAsync(Recipient(rest), ct);
                return true;
            case "DATA":
                return await DataAsync(reader, ct);
            case "RSET":
                Reset();
                await SayAsync("250 OK", ct);
                return true;
            case "NOOP":
                await SayAsync("250 OK", ct);
                return true;
            case "VRFY":
                await SayAsync("252 Every address is caught here", ct);
                return true;
            case "QUIT":
                await SayAsync("221 Bye", ct);
                return false;
            default:
                await SayAsync(Mistake("500 Command not known"), ct);
                return true;
        }
    }

    private string Mail(string rest)
    {
        if (!greeted || sender is not null)
        {
            return Mistake(greeted ? "503 A mail is already begun" : "503 Say EHLO first");
        }

        if (Path(rest, "FROM:") is not var (address, parameters))
        {
            return Mistake("501 Want MAIL FROM:<address>");
        }

        foreach (var parameter in parameters)
        {
            if (parameter.StartsWith("SIZE=", StringComparison.OrdinalIgnoreCase)
                && long.TryParse(parameter.AsSpan(5), CultureInfo.InvariantCulture, out var size) && size > options.MaxMessageBytes)
            {
                return "552 Too large";
            }
        }

        sender = address;
        return "250 OK";
    }

    private string Recipient(string rest)
    {
        if (sender is null)
        {
            return Mistake("503 MAIL comes first");
        }

        if (Path(rest, "TO:") is not var (address, _) || address.Length == 0)
        {
            return Mistake("501 Want RCPT TO:<address>");
        }

        if (recipients.Count >= MaxRecipients)
        {
            return "452 Too many recipients";
        }

        recipients.Add(address);
        return "250 OK";
    }

    private async Task<bool> DataAsync(PipeReader reader, CancellationToken ct)
    {
        if (sender is null || recipients.Count == 0)
        {
            await SayAsync(Mistake("503 MAIL and RCPT come first"), ct);
            return true;
        }

        await SayAsync("354 End with a dot on a line of its own", ct);
        var message = await ReadMessageAsync(reader, ct);
        var verdict = message is null
            ? new SmtpVerdict("552 Too large")
            : receive(new Envelope(sender, recipients, message));
        Reset();
        if (verdict.Answer is null)
        {
            return false;
        }

        await SayAsync(verdict.Answer, ct);
        return true;
    }

    /// <summary>Without its dot-stuffing (RFC 5321, 4.5.2); null when it is too large, after reading it to its end.</summary>
    private async Task<byte[]?> ReadMessageAsync(PipeReader reader, CancellationToken ct)
    {
        using var message = new MemoryStream();
        var tooLarge = false;
        while (true)
        {
            var (line, complete) = await ReadBytesAsync(reader, ct);
            if (line is null)
            {
                throw new EndOfStreamException("The client went away in the middle of a message.");
            }

            if (complete && atLineStart && line is [(byte)'.'])
            {
                return tooLarge ? null : message.ToArray();
            }

            var content = atLineStart && line is [(byte)'.', ..] ? line.AsMemory(1) : line.AsMemory();
            atLineStart = complete;
            tooLarge |= message.Length + content.Length + 2 > options.MaxMessageBytes;
            if (!tooLarge)
            {
                message.Write(content.Span);
                if (complete)
                {
                    message.Write("\r\n"u8);
                }
            }
        }
    }

    private bool atLineStart = true;

    private async Task<string?> ReadLineAsync(PipeReader reader, CancellationToken ct)
    {
        var (line, complete) = await ReadBytesAsync(reader, ct);
        return line is null ? null : complete ? Encoding.UTF8.GetString(line) : throw new InvalidDataException("Line too long");
    }

    /// <summary>The next line without its end; or, when a line is longer than a buffer, a piece of it (not complete). Null at the end of the stream.</summary>
    private async Task<(byte[]? Line, bool Complete)> ReadBytesAsync(PipeReader reader, CancellationToken ct)
    {
        while (true)
        {
            var result = await reader.ReadAsync(ct).AsTask().WaitAsync(options.IdleTimeout, ct);
            var buffer = result.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end).ToArray();
                reader.AdvanceTo(buffer.GetPosition(1, end));
                return (line is [.., (byte)'\r'] ? line[..^1] : line, true);
            }

            if (buffer.Length > MaxCommandBytes)
            {
                var piece = buffer.ToArray();
                // A CR at the end may be half of the line's end: it stays for the next reading.
                var taken = piece[^1] == '\r' ? piece.Length - 1 : piece.Length;
                reader.AdvanceTo(buffer.GetPosition(taken));
                return (piece[..taken], false);
            }

            if (result.IsCompleted)
            {
                return (null, false);
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private async Task SayAsync(string answer, CancellationToken ct) => await stream.WriteAsync(Encoding.UTF8.GetBytes(answer + "\r\n"), ct);

    private string Mistake(string answer)
    {
        mistakes++;
        return answer;
    }

    private void Reset() => (sender, recipients, atLineStart) = (null, [], true);

    /// <summary><c>FROM:&lt;ada@example.com&gt; SIZE=120</c></summary>
    private static (string Address, string[] Parameters)? Path(string rest, string word)
    {
        if (!rest.StartsWith(word, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var path = rest[word.Length..].TrimStart();
        var end = path.IndexOf('>', StringComparison.Ordinal);
        if (!path.StartsWith('<') || end < 0 || path.AsSpan(1, end - 1).ContainsAny("<\r\n\0,"))
        {
            return null;
        }

        return (path[1..end], path[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}

internal sealed record Envelope(string From, IReadOnlyList<string> To, byte[] Message);

/// <summary>What the client is told; null drops the connection without a word.</summary>
internal sealed record SmtpVerdict(string? Answer);
