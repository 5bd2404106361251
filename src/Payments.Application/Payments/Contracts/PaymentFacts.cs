using System.Collections.Frozen;
using System.Text.Json;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Contracts;

/// <summary>Facts about payments that others may know. They leave through the outbox; names are stable.</summary>
public abstract record PaymentFact
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Every fact by its stable name.</summary>
    private static readonly FrozenDictionary<string, Type> Named = typeof(PaymentFact).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(PaymentFact)))
        .ToFrozenDictionary(t => (string)t.GetField("Name")!.GetRawConstantValue()!, StringComparer.Ordinal);

    private static readonly FrozenDictionary<Type, string> Names = Named.ToFrozenDictionary(n => n.Value, n => n.Key);

    public OutboxMessage ToMessage(Guid id, DateTimeOffset now) => new(id, Names[GetType()], JsonSerializer.Serialize(this, GetType(), Json), now);

    /// <summary>The fact of a message, or null when it is not one about payments.</summary>
    public static PaymentFact? From(string type, string data) => Named.TryGetValue(type, out var fact) ? (PaymentFact?)JsonSerializer.Deserialize(data, fact, Json) : null;
}

/// <param name="AmountMinor">What was taken, in minor units of <paramref name="Currency"/>.</param>
/// <param name="Balance">Spendable credits after it; null when it granted none.</param>
public sealed record PaymentSucceeded(Guid PaymentId, Guid UserId, string Kind, string Description, long AmountMinor, string Currency, long Credits, long? Balance, DateTimeOffset At) : PaymentFact
{
    public const string Name = "payment.succeeded";

    /// <summary>Which invoice of a subscription it settled; null for any other payment.</summary>
    public InvoiceSettled? Invoice { get; init; }
}

/// <summary>A payment came in for what could not be given for it; all of it goes back.</summary>
/// <param name="Why"><c>AlreadyOwned</c>, <c>AlreadyPaid</c>, <c>OrderCancelled</c> or <c>SubscriptionEnded</c>.</param>
public sealed record PaymentReturned(Guid PaymentId, Guid UserId, string Kind, string Description, long AmountMinor, string Currency, string Why, DateTimeOffset At) : PaymentFact
{
    public const string Name = "payment.returned";
}

public sealed record OrderConfirmed(Guid OrderId, Guid UserId, Guid PaymentId, DateTimeOffset At) : PaymentFact
{
    public const string Name = "order.confirmed";
}

/// <param name="Why"><c>ByBuyer</c>, <c>TimeOver</c>, <c>PaymentExpired</c> or <c>PaymentFailed</c>.</param>
public sealed record OrderCancelled(Guid OrderId, Guid UserId, string Why, DateTimeOffset At) : PaymentFact
{
    public const string Name = "order.cancelled";
}

/// <param name="Number">As people see it; null when it has none.</param>
/// <param name="IsRenewal">Of a period after the first; else the first one, or a change's.</param>
public sealed record InvoiceSettled(string? Number, string? InvoiceUrl, string Plan, bool IsRenewal, DateTimeOffset? PeriodStart, DateTimeOffset? PeriodEnd);

/// <param name="Reason">May be shown to the buyer.</param>
public sealed record PaymentFailed(Guid PaymentId, Guid UserId, string Kind, string Description, long AmountMinor, string Currency, string? Code, string? Reason, DateTimeOffset At) : PaymentFact
{
    public const string Name = "payment.failed";
}

/// <summary>A card that is charged, a user's default or a subscription's own, is good for a month at most.</summary>
/// <param name="MethodId">The provider's id of it.</param>
public sealed record CardExpiring(string MethodId, Guid UserId, string Brand, string Last4, int ExpMonth, int ExpYear, DateTimeOffset At) : PaymentFact
{
    public const string Name = "card.expiring";
}
