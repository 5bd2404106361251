using FluentValidation;
using MediatR;
using Payments.Application.Shared;
using Payments.Domain.Payments.Disputes;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Disputes;

/// <summary>Disputes, newest first.</summary>
/// <param name="Status">Only these; null for all.</param>
/// <param name="IsOpen">Only those that are not decided, inquiries among them (true), or are (false).</param>
public sealed record ListDisputes(DisputeStatus? Status, bool? IsOpen, int? Limit, string? Cursor) : IRequest<Page<DisputeView>>, IPaged;

public sealed record DisputeView(
    DisputeId Id, PaymentId PaymentId, DisputeStatus Status, Money Amount, Money Fee, string Reason, string GatewayId, DateTimeOffset? EvidenceDueBy, DateTimeOffset CreatedAt, DateTimeOffset? ClosedAt)
{
    internal static DisputeView From(Dispute d) => new(d.Id, d.PaymentId, d.Status, d.Amount, d.Fee, d.Reason, d.GatewayId, d.EvidenceDueBy, d.CreatedAt, d.ClosedAt);
}

internal sealed class ListDisputesValidator : AbstractValidator<ListDisputes>
{
    public ListDisputesValidator() => this.PageRules();
}

internal sealed class ListDisputesHandler(IPaymentsDb db) : IRequestHandler<ListDisputes, Page<DisputeView>>
{
    public async Task<Page<DisputeView>> Handle(ListDisputes query, CancellationToken cancellationToken)
    {
        var rows = await db.DisputesPageAsync(query.Status, query.IsOpen, Cursor.Parse(query.Cursor), query.LimitOf() + 1, cancellationToken);
        return Cursor.PageOf(rows, query.LimitOf(), d => new Cursor(d.CreatedAt, d.Id.Value), DisputeView.From);
    }
}
