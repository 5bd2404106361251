using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Rig;

/// <summary>A token as an identity provider would give it to a user: HS256, good for a day.</summary>
public static class Jwt
{
    public static string Of(Guid user, string email, string secret)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var signed = Part("""{"alg":"HS256","typ":"JWT"}""") + "." + Part($$"""{"sub":"{{user}}","email":"{{email}}","iat":{{now}},"exp":{{now + 86_400}}}""");
        return signed + "." + Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed)));
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
