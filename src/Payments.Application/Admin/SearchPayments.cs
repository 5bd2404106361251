using FluentValidation;
using MediatR;
using Payments.Application.Payments.Charges;
using Payments.Application.Shared;
using Payments.Application.Users.Profile;
using Payments.Domain.Shared;

namespace Payments.Application.Admin;

/// <summary>Anybody's payments, newest first.</summary>
/// <param name="Email">Of the payer: exactly, or how it begins.</param>
public sealed record SearchPayments(PaymentFilter Filter, string? Email, int? Limit, string? Cursor) : IRequest<Page<SearchedPayment>>, IPaged;

/// <param name="Email">Of the payer; null for somebody who has none, or was erased.</param>
public sealed record SearchedPayment(FoundPayment Payment, string? Email);

internal sealed class SearchPaymentsValidator : AbstractValidator<SearchPayments>
{
    private const int Longest = 255;

    public SearchPaymentsValidator()
    {
        this.PageRules();
        RuleFor(q => q.Email).Must(e => e is { Length: >= 3 and < Longest }).When(q => q.Email is not null).WithMessage("Write an email, or at least the first three characters of one.");
        RuleFor(q => q.Filter.Reference).Length(1, Longest).OverridePropertyName("reference").When(q => q.Filter.Reference is not null)
            .WithMessage($"Write an id of 1 to {Longest} characters, or the number of an invoice.");
        RuleFor(q => q.Filter.Currency).NotNull().OverridePropertyName("currency").When(q => q.Filter.Least is not null || q.Filter.Most is not null)
            .WithMessage("An amount is looked for in a currency: say which.");
    }
}

internal sealed class SearchPaymentsHandler(IPaymentSearch payments, IUserSearch users) : IRequestHandler<SearchPayments, Page<SearchedPayment>>
{
    private const int MostPeople = 100;

    public async Task<Page<SearchedPayment>> Handle(SearchPayments query, CancellationToken cancellationToken)
    {
        var filter = query.Filter;
        if (query.Email is { } email)
        {
            var people = await users.ByEmailAsync(email, MostPeople + 1, cancellationToken);
            if (people.Count > MostPeople)
            {
                throw new Refusal(RefusalKind.Invalid, "email.too_broad", $"The emails of more than {MostPeople} people begin so; write more of it.", "email");
            }

            filter = filter with { Payers = [.. people.Select(p => p.Id).Where(id => filter.UserId is null || id == filter.UserId)] };
        }

        var rows = await payments.PageAsync(filter, Cursor.Parse(query.Cursor), query.LimitOf() + 1, cancellationToken);
        var emails = await users.EmailsAsync([.. rows.Select(p => p.UserId).Distinct()], cancellationToken);
        return Cursor.PageOf(rows, query.LimitOf(), p => new Cursor(p.Payment.CreatedAt, p.Payment.Id.Value), p => new SearchedPayment(p, emails.GetValueOrDefault(p.UserId)));
    }
}
