using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using Payments.Application.Payments.Customers;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Database.Reads;

/// <summary>Takes the person out of customer records and stored events, and asks for the provider's own record to be deleted.</summary>
internal sealed class PaymentsErasure(PaymentsDbContext db, ICustomerTraces traces, TimeProvider clock) : IErasure
{
    public async Task<IReadOnlyList<Erased>> EraseAsync(UserId userId, CancellationToken cancellationToken)
    {
        if (await db.Subscriptions.AnyAsync(s => s.UserId == userId && s.GatewayCreatedAt != null && Subscription.LiveStatuses.Contains(s.Status), cancellationToken))
        {
            throw CustomerRefusals.StillSubscribed();
        }

        var customers = await db.Customers.AsNoTracking().Where(c => c.UserId == userId).OrderBy(c => c.Id).ToListAsync(cancellationToken);
        var events = await traces.ForgetAsync(userId, cancellationToken);

        var now = clock.GetUtcNow();
        var (erased, asked) = (0, 0);
        foreach (var record in customers)
        {
            var wallet = await db.LockWalletAsync(record.Id, expiryNotice: null, cancellationToken);
            var customer = (await db.LockCustomerAsync(record.Id, cancellationToken))!;
            var living = customer is { DeletedAt: null, GatewayId: not null };
            if (customer.Erase(now))
            {
                erased++;
                asked += living ? 1 : 0;
                wallet.OwnerDeleted(now);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        // The saved request that made a customer has name and email in it; it was answered long ago, or never will be.
        var ids = customers.Select(c => c.Id).ToArray();
        await db.Database.ExecuteSqlAsync($"DELETE FROM payments.gateway_requests WHERE subject_id = ANY({ids})", cancellationToken);
        var invoices = await db.Database.ExecuteSqlAsync($"UPDATE payments.invoices SET tax_ids = '[]' WHERE user_id = {userId.Value} AND tax_ids <> '[]'", cancellationToken);
        return [new("customers", erased), new("providerCustomers", asked), new("webhookEvents", events), new("taxNumbers", invoices)];
    }
}

/// <summary>Stored events without the person in them.</summary>
internal sealed class CustomerTraces(PaymentsDbContext db, IUserDirectory users) : ICustomerTraces
{
    /// <summary>Reads every stored event that belongs to no payment: rare, and asked for by a person who can wait.</summary>
    private static readonly TimeSpan LongestSearch = TimeSpan.FromMinutes(5);

    public async Task<int> ForgetAsync(UserId userId, CancellationToken cancellationToken)
    {
        var person = await users.FindAsync(userId, cancellationToken);
        var records = await db.Customers.AsNoTracking().Where(c => c.UserId == userId).ToListAsync(cancellationToken);
        var words = new[] { person?.Email, person?.Name }.Concat(records.SelectMany(c => new[] { c.Email, c.Name })).OfType<string>().Where(w => w.Length > 0).ToHashSet(StringComparer.OrdinalIgnoreCase);
        string[] customers = [.. records.Select(c => c.GatewayId).OfType<string>()];
        await using var find = new NpgsqlCommand(
            """
            WITH ours AS (
                SELECT unnest($2) AS id
                UNION SELECT gateway_id FROM payments.subscriptions WHERE user_id = $1
                UNION SELECT gateway_id FROM payments.invoices WHERE user_id = $1
                UNION SELECT id FROM payments.payment_methods WHERE user_id = $1)
            SELECT gateway, id, created, payload FROM payments.webhook_events w
            WHERE w.payment_id IN (SELECT id FROM payments.payments WHERE user_id = $1)
                OR w.object_id IN (SELECT id FROM ours) OR w.related_id IN (SELECT id FROM ours)
                OR (w.payment_id IS NULL AND EXISTS (SELECT 1 FROM unnest($2) AS c (id) WHERE position(convert_to(c.id, 'UTF8') IN w.payload) > 0))
            """,
            db.Connection,
            db.Transaction)
        {
            CommandTimeout = (int)LongestSearch.TotalSeconds,
            Parameters = { new() { Value = userId.Value }, new() { Value = customers, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text } },
        };
        var masked = new List<NpgsqlBatchCommand>();
        await using (var rows = await find.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
            {
                if (PersonalData.Without((byte[])rows[3], words) is { } payload)
                {
                    masked.Add(new NpgsqlBatchCommand("UPDATE payments.webhook_events SET payload = $4 WHERE gateway = $1 AND id = $2 AND created = $3")
                    {
                        Parameters = { new() { Value = rows.GetString(0) }, new() { Value = rows.GetString(1) }, new() { Value = rows.GetDateTime(2) }, new() { Value = payload } },
                    });
                }
            }
        }

        return masked.Count == 0 ? 0 : await db.ExecuteAsync(masked, cancellationToken);
    }
}

/// <summary>What is not sent yet goes nowhere, and an address of the person's own is taken out.</summary>
internal sealed class NoticesErasure(PaymentsDbContext db) : IErasure
{
    public async Task<IReadOnlyList<Erased>> EraseAsync(UserId userId, CancellationToken cancellationToken)
    {
        var user = userId.Value;
        return
        [
            new("notifications", await db.Database.ExecuteSqlAsync(
                $"""
                UPDATE notifications.notifications SET recipient = NULL, next_attempt_at = NULL, last_error = NULL,
                    data = data - ARRAY['email', 'name', 'customerEmail', 'customerName'],
                    status = CASE WHEN status IN ('pending', 'sending') THEN 'undeliverable' ELSE status END
                WHERE user_id = {user} AND (recipient IS NOT NULL OR next_attempt_at IS NOT NULL OR last_error IS NOT NULL OR status IN ('pending', 'sending')
                    OR data ?| ARRAY['email', 'name', 'customerEmail', 'customerName'])
                """,
                cancellationToken)),
        ];
    }
}

/// <summary>The row stays: the ledger hangs on it.</summary>
internal sealed class UsersErasure(PaymentsDbContext db) : IErasure
{
    public async Task<IReadOnlyList<Erased>> EraseAsync(UserId userId, CancellationToken cancellationToken) =>
    [
        // Set-based on purpose: the row's credits may be moving under another transaction's lock.
        new("users", await db.Users.Where(u => u.Id == userId && (u.Email != null || u.Name != null))
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.Email, (string?)null).SetProperty(u => u.Name, (string?)null), cancellationToken)),
    ];
}

/// <summary>A stored event's payload without the person in it: what is read of it when it is replayed stays.</summary>
internal static class PersonalData
{
    private static readonly HashSet<string> Always = new(StringComparer.Ordinal)
    {
        "email", "receipt_email", "customer_email", "customer_name", "customer_phone", "phone", "line1", "line2", "postal_code", "city", "ip", "ip_address", "user_agent",
        "customer_email_address", "customer_purchase_ip", "billing_address", "shipping_address",
    };

    /// <summary>A name is a person's here; of a product or a plan it is not.</summary>
    private static readonly HashSet<string> OfAPerson = new(StringComparer.Ordinal)
    {
        "billing_details", "customer_details", "shipping", "customer_shipping", "shipping_details", "collected_information", "customer_tax_ids", "tax_ids", "verification",
    };

    /// <summary>What says who it is where it stands beside a person's other things: a tax number is one of theirs.</summary>
    private static readonly HashSet<string> Personal = new(StringComparer.Ordinal) { "name", "value", "verified_name", "verified_address" };

    /// <param name="words">What the person is called and reached by: gone wherever it stands.</param>
    /// <returns>Null when there was nothing in it.</returns>
    public static byte[]? Without(byte[] payload, HashSet<string> words)
    {
        JsonNode? json;
        try
        {
            json = JsonNode.Parse(payload);
        }
        catch (JsonException)
        {
            // What cannot be read cannot be replayed either: nothing is lost by losing it.
            return payload.Length == 0 ? null : [];
        }

        return Mask(json, words, ofAPerson: false) ? JsonSerializer.SerializeToUtf8Bytes(json) : null;
    }

    private static bool Mask(JsonNode? node, HashSet<string> words, bool ofAPerson)
    {
        var changed = false;
        switch (node)
        {
            case JsonObject members:
                ofAPerson |= members["object"] is JsonValue kind && kind.TryGetValue<string>(out var name) && name is "customer" or "tax_id";
                foreach (var (key, value) in members.ToList())
                {
                    if (value is JsonValue text && text.TryGetValue<string>(out var written) && (Always.Contains(key) || (ofAPerson && Personal.Contains(key)) || words.Contains(written)))
                    {
                        members[key] = null;
                        changed = true;
                    }
                    else
                    {
                        changed |= Mask(value, words, OfAPerson.Contains(key));
                    }
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    changed |= Mask(item, words, ofAPerson);
                }

                break;
        }

        return changed;
    }
}
