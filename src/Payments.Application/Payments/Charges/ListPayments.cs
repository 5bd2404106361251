using FluentValidation;
using MediatR;
using Payments.Application.Shared;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>The caller's payments, newest first.</summary>
public sealed record ListPayments(UserId UserId, int? Limit, string? Cursor) : IRequest<Page<PaymentView>>, IPaged;

internal sealed class ListPaymentsValidator : AbstractValidator<ListPayments>
{
    public ListPaymentsValidator() => this.PageRules();
}

internal sealed class ListPaymentsHandler(IPaymentsDb db, TimeProvider clock) : IRequestHandler<ListPayments, Page<PaymentView>>
{
    public async Task<Page<PaymentView>> Handle(ListPayments query, CancellationToken cancellationToken)
    {
        var rows = await db.PaymentsPageAsync(query.UserId, Cursor.Parse(query.Cursor), query.LimitOf() + 1, cancellationToken);
        var now = clock.GetUtcNow();
        return Cursor.PageOf(rows, query.LimitOf(), p => new Cursor(p.CreatedAt, p.Id.Value), p => PaymentView.ForBuyer(p, now));
    }
}
