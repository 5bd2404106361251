using Payments.Domain.Payments.Customers;
using Payments.Domain.Shared;

namespace Payments.Domain.Payments.PaymentMethods;

/// <summary>
/// A customer's saved cards, under the customer's row lock. What the provider says of one card may come in any order:
/// what agrees with the rows changes nothing, a removal is final, and whatever else contradicts them is doubt, which
/// only a fresh look at all of the provider's cards settles.
/// </summary>
/// <param name="methods">All that were ever attached.</param>
/// <param name="paying">The cards that live subscriptions are charged to.</param>
/// <param name="expiryNotice">How long before a card expires its owner is told; null: not at all.</param>
public sealed class Wallet(Customer owner, IEnumerable<PaymentMethod> methods, IReadOnlySet<string> paying, TimeSpan? expiryNotice)
{
    private readonly List<PaymentMethod> all = [.. methods];
    private readonly List<PaymentMethod> added = [];

    public Customer Owner => owner;

    /// <summary>To be saved with the rest.</summary>
    public IReadOnlyList<PaymentMethod> Added => added;

    public IReadOnlyList<PaymentMethod> Attached => [.. all.Where(m => m.IsAttached)];

    /// <summary>One of the provider's events about a card that is attached.</summary>
    /// <returns>Whether the rows are in doubt now.</returns>
    public bool Hear(string id, CardDetails card, DateTimeOffset at)
    {
        owner.CardsMoved();
        if (Find(id) is { } known)
        {
            return known.IsAttached && known.Card != card && Doubt();
        }

        Add(id, card, at);
        return false;
    }

    /// <summary>The provider names a card of this customer without its details.</summary>
    /// <inheritdoc cref="Hear"/>
    public bool HearOf(string id)
    {
        owner.CardsMoved();
        return Find(id) is null && Doubt();
    }

    /// <summary>The provider says which card is the default, null for none.</summary>
    /// <inheritdoc cref="Hear"/>
    public bool HearDefault(string? id)
    {
        owner.CardsMoved();
        return id != all.FirstOrDefault(m => m.IsDefault)?.Id && Doubt();
    }

    /// <summary>The card is gone, whatever is heard of it from now on; remembered even when it was never seen.</summary>
    public void HearDetached(string id, CardDetails? card, DateTimeOffset at)
    {
        owner.CardsMoved();
        (Find(id) ?? (card is null ? null : Add(id, card, at)))?.Detach(at);
    }

    /// <summary>The provider has deleted the customer, and its cards with it.</summary>
    public void OwnerDeleted(DateTimeOffset now)
    {
        owner.CardsMoved();
        owner.Deleted(now);
        all.ForEach(m => m.Detach(now));
    }

    /// <summary>All that the provider has, asked after everything that is known here.</summary>
    public void Load(IReadOnlyDictionary<string, CardDetails> cards, string? defaultId, DateTimeOffset now)
    {
        foreach (var (id, card) in cards)
        {
            (Find(id) ?? Add(id, card, now)).Update(card, NoticeOf(id));
        }

        foreach (var gone in all.Where(m => m.IsAttached && !cards.ContainsKey(m.Id)))
        {
            gone.Detach(now);
        }

        Choose(defaultId);
        owner.CardsLoaded(now);
    }

    /// <summary>We attached it ourselves.</summary>
    public PaymentMethod Attach(string id, CardDetails card, DateTimeOffset now)
    {
        owner.CardsMoved();
        var method = Find(id) ?? Add(id, card, now);
        method.Update(card, NoticeOf(id));
        return method;
    }

    /// <exception cref="Refusal"><c>payment_method.not_found</c></exception>
    public PaymentMethod MakeDefault(string id)
    {
        owner.CardsMoved();
        var chosen = Require(id);
        Choose(id);
        return chosen;
    }

    /// <summary>Notes the removal before the provider is asked, so that two at once cannot take the last two cards.</summary>
    /// <param name="neededBySubscription">A live subscription is charged here, and the caller does not insist.</param>
    /// <exception cref="Refusal"><c>payment_method.not_found</c>, <c>payment_method.last_of_subscription</c></exception>
    public void AskRemoval(string id, bool neededBySubscription, DateTimeOffset now)
    {
        var method = Require(id);
        if (neededBySubscription && !all.Exists(m => m != method && m.IsStaying(now)))
        {
            throw PaymentMethodRefusals.LastOfSubscription();
        }

        method.AskRemoval(now);
    }

    /// <summary>Which card takes over what one pays that is to be removed: the default, or the newest, and better one that is still good. Null: no other remains.</summary>
    public Heir? HeirOf(string id, DateTimeOffset now) => all.Where(m => m.Id != id && m.IsStaying(now))
        .OrderByDescending(m => m.ExpiresAt > now).ThenByDescending(m => m.IsDefault).ThenByDescending(m => m.AttachedAt).ThenBy(m => m.Id, StringComparer.Ordinal)
        .Select(m => new Heir(m.Id, Require(id).IsDefault)).FirstOrDefault();

    /// <summary>A subscription is charged to another card than before.</summary>
    public void PayersMoved() => all.ForEach(m => m.Reckon(NoticeOf(m.Id)));

    /// <summary>The provider did not remove it.</summary>
    public void RemovalFailed(string id) => Find(id)?.AskRemoval(null);

    /// <exception cref="Refusal"><c>payment_method.not_found</c></exception>
    public PaymentMethod Require(string id) => Find(id) is { IsAttached: true } method ? method : throw PaymentMethodRefusals.NotFound();

    private ExpiryNotice NoticeOf(string id) => new(expiryNotice, paying.Contains(id));

    private PaymentMethod? Find(string id) => all.Find(m => m.Id == id);

    private void Choose(string? id) => all.ForEach(m => m.BeDefault(m.Id == id, NoticeOf(m.Id)));

    private bool Doubt()
    {
        owner.CardsDoubted();
        return true;
    }

    private PaymentMethod Add(string id, CardDetails card, DateTimeOffset at)
    {
        var method = new PaymentMethod(id, owner.Id, owner.UserId, owner.Account, owner.Livemode, card, at);
        method.Reckon(NoticeOf(id));
        all.Add(method);
        added.Add(method);
        return method;
    }
}

/// <param name="BecomesDefault">The card that goes is the default.</param>
public sealed record Heir(string MethodId, bool BecomesDefault);
