using Payments.Domain.Shared;

namespace Payments.Domain.Payments.PaymentMethods;

/// <summary>What may be known of a card. <paramref name="Fingerprint"/> is the same for the same card of anyone; it is never shown.</summary>
/// <param name="Brand">The provider's word: <c>visa</c>.</param>
/// <param name="ExpMonth">1 to 12; the card is good to the end of it.</param>
public sealed record CardDetails(string Brand, string Last4, int ExpMonth, int ExpYear, string? Fingerprint);

/// <param name="Before">How long before the expiry its owner is told; null: not at all.</param>
/// <param name="PaysSubscription">A live subscription is charged to the card, whatever the default is.</param>
internal sealed record ExpiryNotice(TimeSpan? Before, bool PaysSubscription);

/// <summary>A saved card as the provider has it. Changes only through its <see cref="Wallet"/>.</summary>
public sealed class PaymentMethod
{
    /// <summary>An asked removal whose outcome is unknown counts as gone this long; by then the provider's event or a refresh has told.</summary>
    private static readonly TimeSpan RemovalTakesAtMost = TimeSpan.FromMinutes(10);

    private PaymentMethod()
    {
    }

    /// <param name="id">The provider's.</param>
    public PaymentMethod(string id, Guid customerId, UserId userId, string account, bool livemode, CardDetails card, DateTimeOffset attachedAt)
    {
        Id = id;
        CustomerId = customerId;
        UserId = userId;
        Account = account;
        Livemode = livemode;
        AttachedAt = attachedAt;
        (Brand, Last4, ExpMonth, ExpYear, Fingerprint) = (card.Brand, card.Last4, card.ExpMonth, card.ExpYear, card.Fingerprint);
    }

    public string Id { get; private set; } = "";

    /// <summary>Our customer row.</summary>
    public Guid CustomerId { get; private set; }

    public UserId UserId { get; private set; }

    public string Account { get; private set; } = "";

    public bool Livemode { get; private set; }

    public string Brand { get; private set; } = "";

    public string Last4 { get; private set; } = "";

    public int ExpMonth { get; private set; }

    public int ExpYear { get; private set; }

    public string? Fingerprint { get; private set; }

    public bool IsDefault { get; private set; }

    public DateTimeOffset AttachedAt { get; private set; }

    /// <summary>For good: the provider never attaches a detached method again.</summary>
    public DateTimeOffset? DetachedAt { get; private set; }

    public DateTimeOffset? RemovalAskedAt { get; private set; }

    /// <summary>When its owner is to be told that it expires; null when there is nothing to tell.</summary>
    public DateTimeOffset? NoticeDueAt { get; private set; }

    /// <summary>The expiry that its owner was told of, as year × 100 + month.</summary>
    public int? NoticedExpiry { get; private set; }

    public bool IsAttached => DetachedAt is null;

    public CardDetails Card => new(Brand, Last4, ExpMonth, ExpYear, Fingerprint);

    /// <summary>The first moment at which it is no longer good.</summary>
    public DateTimeOffset ExpiresAt => StartOf(ExpYear, ExpMonth).AddMonths(1);

    private int Expiry => (ExpYear * 100) + ExpMonth;

    /// <summary>Settles the due notice.</summary>
    /// <returns>Whether its owner is to be told: not of a card that has expired already, which a failing payment tells.</returns>
    public bool Notice(DateTimeOffset now)
    {
        (NoticedExpiry, NoticeDueAt) = (Expiry, null);
        return IsAttached && now < ExpiresAt;
    }

    internal bool IsStaying(DateTimeOffset now) => IsAttached && !(RemovalAskedAt + RemovalTakesAtMost > now);

    internal void Update(CardDetails card, ExpiryNotice notice)
    {
        (Brand, Last4, ExpMonth, ExpYear, Fingerprint) = (card.Brand, card.Last4, card.ExpMonth, card.ExpYear, card.Fingerprint);
        Reckon(notice);
    }

    internal void BeDefault(bool isDefault, ExpiryNotice notice)
    {
        IsDefault = isDefault && IsAttached;
        Reckon(notice);
    }

    internal void AskRemoval(DateTimeOffset? now) => RemovalAskedAt = now;

    internal void Detach(DateTimeOffset now)
    {
        DetachedAt ??= now;
        (IsDefault, NoticeDueAt) = (false, null);
    }

    /// <summary>For cards that will be charged alone, and once an expiry.</summary>
    internal void Reckon(ExpiryNotice notice) => NoticeDueAt = (IsDefault || notice.PaysSubscription) && IsAttached && NoticedExpiry != Expiry ? ExpiresAt - notice.Before : null;

    private static DateTimeOffset StartOf(int year, int month) => new(year, month, 1, 0, 0, 0, TimeSpan.Zero);
}
