Feature: What cannot be accepted comes to nothing, and does no harm

  @PF-SES-05 @TP-PF-SES-05-03.types @SHALL @participating-function
  Scenario: Alice takes nothing that Bob's phone has, and Carol does
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Carol with Bob
    And Alice takes nothing but "application/x-of-nobody" in sessions
    When Alice calls Bob for "Lunch"
    And Carol calls Bob for "Dinner"
    And Carol says "We understand each other" in "Dinner"
    Then the offer of "Lunch" to Bob is refused
    And "Dinner" stands with Bob's phone
    And "We understand each other" arrives unchanged in "Dinner" of Bob

  @PF-SES-05 @TP-PF-SES-05-03.no-messages @SHALL @participating-function
  Scenario: Alice offers no message session, and Carol does
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Carol with Bob
    And Alice offers no message session
    When Alice calls Bob for "Lunch"
    And Carol calls Bob for "Dinner"
    And Carol says "Let us write" in "Dinner"
    Then the offer of "Lunch" to Bob is refused
    And "Dinner" stands with Bob's phone
    And "Let us write" arrives unchanged in "Dinner" of Bob

  @PF-SES-05 @TP-PF-SES-05-03.two-message-sessions @SHALL @participating-function @max_sessions=at_least_2
  Scenario: Alice offers two message sessions in one call, and Carol one
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Carol with Bob
    And Alice offers a second message session besides
    When Alice calls Bob for "Lunch"
    And Alice says "Twice as many words" in "Lunch"
    And Carol calls Bob for "Dinner"
    And Carol says "One is enough" in "Dinner"
    Then each medium of "Lunch" of Bob is passed on or refused
    And "Dinner" stands with Bob's phone
    And "One is enough" arrives unchanged in "Dinner" of Bob

  @PF-SES-05 @TP-PF-SES-05-03.somebody-elses-address @SHALL @participating-function @max_sessions=at_least_3
  Scenario: Alice gives Carol's address as her own, and Carol's session takes no harm
    Given Bob, a served user, is online with a phone
    And the session "Dinner" of Carol with Bob
    And the session "Lunch" of Alice with Bob
    And the session "Tea" of Dave with Bob
    And Alice gives the address of Carol as its own
    When Carol calls Bob for "Dinner"
    And Alice calls Bob for "Lunch"
    And Bob's phone says "Is that you, Alice?" in "Lunch"
    And Dave calls Bob for "Tea"
    And Carol says "I am Carol" in "Dinner"
    And Dave says "I am Dave" in "Tea"
    And Bob's phone says "Good evening, Carol" in "Dinner"
    Then "Dinner" stands with Bob's phone
    And "I am Carol" arrives unchanged in "Dinner" of Bob
    And "Good evening, Carol" arrives unchanged in "Dinner" of Bob
    And "I am Dave" arrives unchanged in "Tea" of Bob

  @PF-SES-05 @TP-PF-SES-05-03.too-large @SHALL @participating-function @media_path=in
  Scenario: A message larger than Bob's phone takes comes to nothing, and one that is not arrives
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And Bob's phone takes messages of at most 4000 octets
    When Alice calls Bob for "Lunch"
    And Alice sends "The whole menu" of 9000 octets in "Lunch" in chunks of 1000
    And Alice says "The soup, then" in "Lunch"
    Then the sender of "The whole menu" in "Lunch" of Bob learns that it is too large
    And "The soup, then" arrives unchanged in "Lunch" of Bob
