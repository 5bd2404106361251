using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Invoices;

/// <summary>An invoice as its owner sees it.</summary>
public sealed record InvoiceView(
    InvoiceId Id, string? Number, InvoiceStatus Status, Money Subtotal, Money Discount, Money Tax, Money Total, Money AmountDue, Money AmountPaid,
    DateTimeOffset? PeriodStart, DateTimeOffset? PeriodEnd, SubscriptionId? SubscriptionId, PaymentId? PaymentId, IReadOnlyList<InvoiceLine> Lines, IReadOnlyList<InvoiceTaxView> Taxes, IReadOnlyList<InvoiceTaxId> TaxIds,
    string? HostedUrl, string? PdfUrl, DateTimeOffset CreatedAt, DateTimeOffset? PaidAt)
{
    internal static InvoiceView From(Invoice i, IReadOnlyDictionary<string, TaxRate> rates) => new(
        i.Id, i.Number, i.Status, i.Subtotal, i.Discount, i.Tax, i.Total, i.AmountDue, i.AmountPaid, i.PeriodStart, i.PeriodEnd, i.SubscriptionId, i.PaymentId, i.Lines,
        [.. i.Taxes.Select(t => new InvoiceTaxView(t.RateId is { } id ? rates.GetValueOrDefault(id) : null, t.Amount, t.Taxable))], i.TaxIds,
        i.HostedUrl, i.PdfUrl, i.CreatedAt, i.PaidAt);
}

/// <param name="Rate">Null when the provider could not be asked for it.</param>
public sealed record InvoiceTaxView(TaxRate? Rate, Money Amount, Money? Taxable);

/// <summary>The caller's invoices, newest first; drafts are not shown, they are not issued yet.</summary>
public sealed record ListInvoices(UserId UserId, int? Limit, string? Cursor) : IRequest<Page<InvoiceView>>, IPaged;

internal sealed class ListInvoicesValidator : AbstractValidator<ListInvoices>
{
    public ListInvoicesValidator() => this.PageRules();
}

internal sealed class ListInvoicesHandler(IPaymentsDb db, TaxRates taxRates) : IRequestHandler<ListInvoices, Page<InvoiceView>>
{
    public async Task<Page<InvoiceView>> Handle(ListInvoices query, CancellationToken cancellationToken)
    {
        var rows = await db.InvoicesPageAsync(query.UserId, Cursor.Parse(query.Cursor), query.LimitOf() + 1, cancellationToken);
        var rates = await taxRates.OfAsync(rows, cancellationToken);
        return Cursor.PageOf(rows, query.LimitOf(), i => new Cursor(i.CreatedAt, i.Id.Value), i => InvoiceView.From(i, rates));
    }
}

/// <summary>One of the caller's own invoices, with links that work; another's is not found.</summary>
public sealed record GetInvoice(UserId UserId, InvoiceId InvoiceId) : IRequest<InvoiceView>;

internal sealed class GetInvoiceHandler(IPaymentsDb db, TaxRates taxRates, IGatewayFetches fetches, TimeProvider clock) : IRequestHandler<GetInvoice, InvoiceView>
{
    /// <summary>The provider's links end 30 days after the invoice was issued. Those it answers with when asked later work for 10 more.</summary>
    private static readonly TimeSpan LinksLast = TimeSpan.FromDays(29);

    public async Task<InvoiceView> Handle(GetInvoice query, CancellationToken cancellationToken)
    {
        var invoice = await db.Invoices.AsNoTracking().FirstOrDefaultAsync(i => i.Id == query.InvoiceId && i.UserId == query.UserId && i.Status != InvoiceStatus.Draft, cancellationToken)
            ?? throw InvoiceRefusals.NotFound();
        var view = InvoiceView.From(invoice, await taxRates.OfAsync([invoice], cancellationToken));
        return clock.GetUtcNow() < invoice.CreatedAt + LinksLast ? view : await WithNewLinksAsync(view, invoice.GatewayId, cancellationToken);
    }

    private async Task<InvoiceView> WithNewLinksAsync(InvoiceView view, string gatewayId, CancellationToken cancellationToken)
    {
        try
        {
            var report = (await fetches.InvoiceAsync(gatewayId, cancellationToken)).Report;
            return view with { HostedUrl = report.HostedUrl ?? view.HostedUrl, PdfUrl = report.PdfUrl ?? view.PdfUrl };
        }
        catch (GatewayFailure failure) when (failure.Kind is GatewayFailureKind.Unavailable or GatewayFailureKind.UnknownOutcome or GatewayFailureKind.NotFound)
        {
            // All else about it is known. An old link says itself that it has ended, and how to get another.
            return view;
        }
    }
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
