using System.Net.Mail;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Payments.Application.Users.Contracts;
using Payments.Domain.Notifications;
using Payments.Domain.Shared;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Email;

/// <summary>
/// Sends waiting notifications. A row is marked before it is handed over and again after; a crash in between sends it
/// at most once more, with the same Message-ID.
/// </summary>
internal sealed partial class MailWorker(IServiceScopeFactory scopes, MailSignal signal, MailTemplates templates, IEnumerable<SmtpMailer> mailers, ILogger<MailWorker> logger) : BackgroundService
{
    private const int MostOverOneConnection = 100;
    private const int MostAttempts = 14;
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(2);

    /// <summary>Longer than handing one message over may take, with time to mark it: else another worker would send it too.</summary>
    private static readonly TimeSpan Lease = SmtpMailer.LongestHandover + TimeSpan.FromSeconds(30);

    private readonly SmtpMailer? mailer = mailers.FirstOrDefault();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Rounds.RunAsync(logger, "mails", PollEvery, WorkOrWaitAsync, stoppingToken);

    private async Task WorkOrWaitAsync(CancellationToken cancellationToken)
    {
        var done = mailer is null ? await MarkUndeliverableAsync(cancellationToken) : await SendDueAsync(mailer, cancellationToken);
        if (done == 0)
        {
            await signal.WaitAsync(PollEvery, cancellationToken);
        }
    }

    private async Task<int> MarkUndeliverableAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PaymentsDbContext>().Database.ExecuteSqlAsync(
            $"""
            UPDATE notifications.notifications SET status = 'undeliverable', next_attempt_at = NULL
            WHERE id IN (SELECT id FROM notifications.notifications WHERE next_attempt_at <= {TimeProvider.System.GetUtcNow()} LIMIT 1000 FOR UPDATE SKIP LOCKED)
            """,
            cancellationToken);
    }

    private async Task<int> SendDueAsync(SmtpMailer smtp, CancellationToken cancellationToken)
    {
        SmtpClient? client = null;
        var sent = 0;
        try
        {
            for (; sent < MostOverOneConnection && await ClaimAsync(cancellationToken) is { } notification; sent++)
            {
                client = await SendAsync(smtp, client, notification, cancellationToken);
            }
        }
        finally
        {
            client?.Dispose();
        }

        return sent;
    }

    /// <summary>One at a time, so that a lease need only outlast one message.</summary>
    private async Task<Notification?> ClaimAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PaymentsDbContext>();
        await using var transaction = await db.BeginAsync(cancellationToken);
        var now = TimeProvider.System.GetUtcNow();
        var claimed = await db.Notifications.FromSql(
            $"SELECT * FROM notifications.notifications WHERE next_attempt_at <= {now} ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED")
            .AsNoTracking().ToListAsync(cancellationToken);
        if (claimed is not [var notification])
        {
            return null;
        }

        await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE notifications.notifications SET takeovers = takeovers + CASE WHEN status = 'sending' THEN 1 ELSE 0 END, status = 'sending',
                attempts = attempts + 1, next_attempt_at = {now + Lease} WHERE id = {notification.Id}
            """,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return notification;
    }

    private async Task<SmtpClient?> SendAsync(SmtpMailer smtp, SmtpClient? client, Notification notification, CancellationToken cancellationToken)
    {
        if (notification is { Status: NotificationStatus.Sending, Takeovers: >= 1 })
        {
            // Twice half sent: it may have arrived twice already.
            await MarkAsync(notification.Id, "failed", null, null, "Cut off twice between the mail server's answer and our commit; it may have arrived.", cancellationToken);
            return client;
        }

        var person = notification.Recipient is { } address
            ? new Person(notification.UserId, address, null)
            : await PersonAsync(notification.UserId, cancellationToken);
        if (string.IsNullOrWhiteSpace(person?.Email))
        {
            await MarkAsync(notification.Id, "undeliverable", null, null, "The user has no email address.", cancellationToken);
            return client;
        }

        try
        {
            var mail = templates.Render(notification.Template, notification.Data, person.Name, person.TimeZone);
            client ??= await smtp.ConnectAsync(cancellationToken);
            await smtp.SendAsync(client, person.Email, mail, $"{notification.Id}@payments", cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever is wrong with this one, the others go out: what rises from here ends the process, and finds the same row again.
            var attempts = notification.Attempts + 1;
            var dead = attempts >= MostAttempts;
            Log.NotSent(logger, notification.Id, notification.Template, attempts, e);
            await MarkAsync(notification.Id, dead ? "failed" : "pending", dead ? null : TimeProvider.System.GetUtcNow() + Backoff.After(attempts), null, e.Message, cancellationToken);
            client?.Dispose();
            return null;
        }

        await MarkAsync(notification.Id, "sent", null, TimeProvider.System.GetUtcNow(), null, cancellationToken);
        return client;
    }

    private async Task<Person?> PersonAsync(UserId userId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IUserDirectory>().FindAsync(userId, cancellationToken);
    }

    private async Task MarkAsync(Guid id, string status, DateTimeOffset? next, DateTimeOffset? sentAt, string? error, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<PaymentsDbContext>().Database.ExecuteSqlAsync(
            $"UPDATE notifications.notifications SET status = {status}, next_attempt_at = {next}, sent_at = {sentAt}, last_error = {error} WHERE id = {id}", cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Warning, "Notification {NotificationId} ({Template}) could not be sent at try {Attempt}")]
        public static partial void NotSent(ILogger logger, Guid notificationId, string template, int attempt, Exception exception);
    }
}
