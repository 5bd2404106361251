using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Invoices;

/// <summary>An invoice as its owner sees it.</summary>
public sealed record InvoiceView(
    InvoiceId Id, string? Number, InvoiceStatus Status, Money Subtotal, Money Discount, Money Tax, Money Total, Money AmountDue, Money AmountPaid,
    DateTimeOffset? PeriodStart, DateTimeOffset? PeriodEnd, SubscriptionId? SubscriptionId, PaymentId? PaymentId, IReadOnlyList<InvoiceLine> Lines, IReadOnlyList<InvoiceTax> Taxes, IReadOnlyList<InvoiceTaxId> TaxIds,
    string? HostedUrl, string? PdfUrl, DateTimeOffset CreatedAt, DateTimeOffset? PaidAt)
{
    internal static InvoiceView From(Invoice i) => new(
        i.Id, i.Number, i.Status, i.Subtotal, i.Discount, i.Tax, i.Total, i.AmountDue, i.AmountPaid, i.PeriodStart, i.PeriodEnd, i.SubscriptionId, i.PaymentId, i.Lines, i.Taxes, i.TaxIds,
        i.HostedUrl, i.PdfUrl, i.CreatedAt, i.PaidAt);
}

/// <summary>The caller's invoices, newest first; drafts are not shown, they are not issued yet.</summary>
public sealed record ListInvoices(UserId UserId, int? Limit, string? Cursor) : IRequest<Page<InvoiceView>>, IPaged;

internal sealed class ListInvoicesValidator : AbstractValidator<ListInvoices>
{
    public ListInvoicesValidator() => this.PageRules();
}

internal sealed class ListInvoicesHandler(IPaymentsDb db) : IRequestHandler<ListInvoices, Page<InvoiceView>>
{
    public async Task<Page<InvoiceView>> Handle(ListInvoices query, CancellationToken cancellationToken)
    {
        var rows = await db.InvoicesPageAsync(query.UserId, Cursor.Parse(query.Cursor), query.LimitOf() + 1, cancellationToken);
        return Cursor.PageOf(rows, query.LimitOf(), i => new Cursor(i.CreatedAt, i.Id.Value), InvoiceView.From);
    }
}

/// <summary>One of the caller's own invoices; another's is not found.</summary>
public sealed record GetInvoice(UserId UserId, InvoiceId InvoiceId) : IRequest<InvoiceView>;

internal sealed class GetInvoiceHandler(IPaymentsDb db) : IRequestHandler<GetInvoice, InvoiceView>
{
    public async Task<InvoiceView> Handle(GetInvoice query, CancellationToken cancellationToken) =>
        InvoiceView.From(await db.Invoices.AsNoTracking().FirstOrDefaultAsync(i => i.Id == query.InvoiceId && i.UserId == query.UserId && i.Status != InvoiceStatus.Draft, cancellationToken)
            ?? throw InvoiceRefusals.NotFound());
}

internal static class InvoiceRefusals
{
    public static Refusal NotFound() => new(RefusalKind.NotFound, "invoice.not_found", "There is no such invoice of yours.");

    public static Refusal NoPdf() => new(RefusalKind.NotFound, "invoice.no_pdf", "The invoice has no PDF yet; ask again in a moment.");
}

/// <summary>Where the invoice's PDF lies.</summary>
public sealed record GetInvoicePdf(UserId UserId, InvoiceId InvoiceId) : IRequest<string>;

internal sealed class GetInvoicePdfHandler(IMediator mediator) : IRequestHandler<GetInvoicePdf, string>
{
    public async Task<string> Handle(GetInvoicePdf query, CancellationToken cancellationToken) =>
        (await mediator.Send(new GetInvoice(query.UserId, query.InvoiceId), cancellationToken)).PdfUrl ?? throw InvoiceRefusals.NoPdf();
}
