using FluentValidation;
using Payments.Domain.Users.Credits;

namespace Payments.Application.Users.Credits;

/// <summary>A number of credits, what they go for, and the caller's own reference, which together spend once.</summary>
public interface ISpend
{
    long Amount { get; }

    string Reason { get; }

    string Reference { get; }
}

internal static class SpendRules
{
    public static void Rules<T>(AbstractValidator<T> validator)
        where T : ISpend
    {
        validator.RuleFor(s => s.Amount).InclusiveBetween(1, CreditRefusals.Maximum).WithMessage($"An amount of credits is a whole number from 1 to {CreditRefusals.Maximum}.");
        validator.RuleFor(s => s.Reason).Must(IsName).WithMessage("A reason is 1 to 100 characters, for example 'evaluation'.");
        validator.RuleFor(s => s.Reference).Must(IsName).WithMessage("A reference is 1 to 100 characters that name the thing the credits go for.");
    }

    /// <summary>The key under which a reason and reference can spend once, whether by a capture or directly.</summary>
    public static string Key(Guid userId, string reason, string reference) => $"spend:{userId}:{reason.Length}:{reason}:{reference}";

    private static bool IsName(string? text) => text is { Length: >= 1 and <= 100 } && !text.Any(char.IsControl) && !string.IsNullOrWhiteSpace(text);
}
