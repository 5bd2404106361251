using System.Globalization;
using System.Text;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Mail;

/// <summary>The caught mails: a file each (<c>0000000001.eml</c>, with the envelope in front), and what people read of them in memory.</summary>
internal sealed class MailStore
{
    private const string ToHeader = "X-Sandbox-To: ";
    private const string FromHeader = "X-Sandbox-From: ";
    private const string AtHeader = "X-Sandbox-At: ";

    private readonly MailCatcherOptions options;
    private readonly Lock gate = new();
    private readonly LinkedList<(Mail Mail, long Bytes)> mails = new();
    private long bytesKept;
    private long lastId;

    public MailStore(MailCatcherOptions options)
    {
        this.options = options;
        PrivateFiles.MakeDirectory(options.Directory);
        foreach (var file in Directory.GetFiles(options.Directory, "*.eml").Order(StringComparer.Ordinal))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(file), CultureInfo.InvariantCulture, out var id) && Read(id, File.ReadAllBytes(file)) is var (mail, bytes))
            {
                Keep(mail, bytes);
            }
        }
    }

    /// <summary>Changes with every mail that comes or goes.</summary>
    public long Version { get; private set; }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Mail> All
    {
        get
        {
            lock (gate)
            {
                return [.. mails.Select(kept => kept.Mail)];
            }
        }
    }

    public Mail? Find(long id) => All.FirstOrDefault(mail => mail.Id == id);

    public string FileOf(long id) => Path.Combine(options.Directory, $"{id:0000000000}.eml");

    public Mail Add(string from, IReadOnlyList<string> to, byte[] message)
    {
        lock (gate)
        {
            var id = lastId + 1;
            var at = options.Time.GetUtcNow();
            var recipients = string.Join(", ", to);
            var envelope = Encoding.UTF8.GetBytes($"{ToHeader}{recipients}\r\n{FromHeader}{from}\r\n{AtHeader}{at:O}\r\n");
            // Renamed into place, so that a crash leaves no half a mail.
            var unfinished = FileOf(id) + ".part";
            File.WriteAllBytes(unfinished, [.. envelope, .. message]);
            File.Move(unfinished, FileOf(id), overwrite: true);
            var mail = MailOf(id, recipients, from, at, message);
            Keep(mail, envelope.Length + message.Length);
            return mail;
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            while (mails.Count > 0)
            {
                ForgetOldest();
            }
        }
    }

    private void Keep(Mail mail, long bytes)
    {
        mails.AddFirst((mail, bytes));
        bytesKept += bytes;
        lastId = mail.Id;
        Version++;
        while (mails.Count > options.MaxMessages || (bytesKept > options.MaxBytesKept && mails.Count > 1))
        {
            ForgetOldest();
        }
    }

    private void ForgetOldest()
    {
        var (mail, bytes) = mails.Last!.Value;
        File.Delete(FileOf(mail.Id));
        mails.RemoveLast();
        bytesKept -= bytes;
        Version++;
    }

    private static (Mail Mail, long Bytes)? Read(long id, byte[] file)
    {
        var at = 0;
        if (Line(ToHeader) is not { } to || Line(FromHeader) is not { } from || Line(AtHeader) is not { } received
            || !DateTimeOffset.TryParse(received, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var moment))
        {
            // Not one of ours: left where it is.
            return null;
        }

        return (MailOf(id, to, from, moment, file.AsSpan(at)), file.Length);

        string? Line(string header)
        {
            var end = file.AsSpan(at).IndexOf("\r\n"u8);
            var line = end < 0 ? "" : Encoding.UTF8.GetString(file, at, end);
            at += end + 2;
            return line.StartsWith(header, StringComparison.Ordinal) ? line[header.Length..] : null;
        }
    }

    private static Mail MailOf(long id, string to, string from, DateTimeOffset at, ReadOnlySpan<byte> message)
    {
        var read = MimeText.Read(message);
        return new Mail(id, to, from, read.Subject, read.Text, read.Html, read.Date ?? at, read.MessageId);
    }
}
