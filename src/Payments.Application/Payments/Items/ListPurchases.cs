using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Items;

/// <summary>The caller's purchases of items, newest first, those that came to nothing too.</summary>
public sealed record ListPurchases(UserId UserId, int? Limit, string? Cursor) : IRequest<Page<ItemPurchaseView>>, IPaged;

internal sealed class ListPurchasesValidator : AbstractValidator<ListPurchases>
{
    public ListPurchasesValidator() => this.PageRules();
}

internal sealed class ListPurchasesHandler(IPaymentsDb db, TimeProvider clock) : IRequestHandler<ListPurchases, Page<ItemPurchaseView>>
{
    public async Task<Page<ItemPurchaseView>> Handle(ListPurchases query, CancellationToken cancellationToken)
    {
        var rows = await db.PurchasesPageAsync(query.UserId, Cursor.Parse(query.Cursor), query.LimitOf() + 1, cancellationToken);
        var now = clock.GetUtcNow();
        return Cursor.PageOf(rows, query.LimitOf(), p => new Cursor(p.CreatedAt, p.Id.Value), p => ItemPurchaseView.From(p, now));
    }
}

/// <summary>One of the caller's own purchases; another's is not found.</summary>
public sealed record GetPurchase(UserId UserId, PaymentId Id) : IRequest<ItemPurchaseView>;

internal sealed class GetPurchaseHandler(IPaymentsDb db, TimeProvider clock) : IRequestHandler<GetPurchase, ItemPurchaseView>
{
    public async Task<ItemPurchaseView> Handle(GetPurchase query, CancellationToken cancellationToken) => ItemPurchaseView.From(
        await db.Payments.AsNoTracking().FirstOrDefaultAsync(p => p.Id == query.Id && p.UserId == query.UserId && p.ItemId != null, cancellationToken) ?? throw PaymentRefusals.PurchaseNotFound(),
        clock.GetUtcNow());
}

/// <summary>The purchase of an item: its payment, and what became of it.</summary>
/// <param name="Owned">The buyer may use it now.</param>
/// <param name="Refundable">The buyer may give it back now.</param>
/// <param name="RefundableUntil">At this very moment the buyer's own right to a refund is over.</param>
/// <param name="Undelivered">It was paid and bought nothing: the money goes back.</param>
public sealed record ItemPurchaseView(
    PaymentId Id, ItemId ItemId, string Name, ResourceReference Resource, PaymentStatus Status, Money Amount, Money Refunded, bool Owned, bool Refundable, DateTimeOffset? RefundableUntil, UndeliveredReason? Undelivered,
    DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt)
{
    internal static ItemPurchaseView From(Payment p, DateTimeOffset now) => new(
        p.Id, p.ItemId!.Value, p.Description, p.Access!.Value, p.Status, p.Total ?? p.Amount, p.Refunded, p.AccessState == AccessState.Given, p.MayBeGivenBack(now), p.RefundableUntil, p.Undelivered, p.CreatedAt, p.CompletedAt);
}
